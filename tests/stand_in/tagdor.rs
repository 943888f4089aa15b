//! Tagdor: a list of tags with what became of them.

use std::sync::Arc;

use super::web::{Act, Web};

/// The server; it stops when it is dropped.
pub struct Tagdor {
    pub web: Web,
}

impl Tagdor {
    pub async fn start() -> Tagdor {
        let web = Web::start().await;
        Tagdor { web }
    }

    pub fn url(&self) -> String {
        self.web.url("/")
    }

    /// A tag as it stands in an address, and whether it was burned.
    pub fn lists(&self, tag: &str, burned: bool) {
        let json = format!(
            r#"{{"status":"completed","burninated":{burned},"meta_post":"https://meta.example.org/q/1"}}"#
        );
        let play = Arc::new(move |_: &str| (200, json.clone()));
        self.web.on(&format!("/tags/{tag}"), Act::Play(play));
    }
}
