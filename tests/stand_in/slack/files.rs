//! Files on their way into a channel.

use serde_json::{Value, json};

/// A file whose bytes are awaited, or have come.
#[derive(Clone, Debug)]
pub struct Upload {
    pub id: String,
    pub app: String,
    pub user: String,
    pub name: String,
    pub length: usize,
    pub bytes: Option<Vec<u8>>,
    pub complete: bool,
}

impl Upload {
    pub fn json(&self, title: Option<&str>) -> Value {
        json!({
            "id": self.id, "name": self.name, "title": title.unwrap_or(&self.name), "size": self.length,
            "user": self.user, "mode": "hosted",
        })
    }
}
