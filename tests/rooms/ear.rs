//! How a platform that stands in for another hears what people say.

use boson::model::{Heard, Message};
use tokio::sync::{mpsc, watch};

/// Who listens at present.
#[derive(Default)]
pub struct Ear(watch::Sender<Option<mpsc::Sender<Heard>>>);

impl Ear {
    /// Listens until nobody wants to hear any more.
    pub async fn listen(&self, heard: mpsc::Sender<Heard>) {
        self.0.send_replace(Some(heard.clone()));
        heard.closed().await;
    }

    /// Somebody says something, once somebody listens.
    pub async fn hear(&self, message: Message) {
        let mut ear = self.0.subscribe();
        let open =
            |ear: &Option<mpsc::Sender<Heard>>| ear.as_ref().is_some_and(|ear| !ear.is_closed());
        let ear = ear.wait_for(open).await.expect("it is there").clone();
        // It may be over before this is taken.
        let _ = ear.expect("it is open").send(Heard::Said(message)).await;
    }
}
