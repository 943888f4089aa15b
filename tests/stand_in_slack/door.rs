//! An app that hears by HTTP: what is sent to it waits until a test answers.

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use serde_json::{Value, json};

use crate::client::{Town, soon};
use crate::slack::{Request, sign};

/// The address of an app.
pub struct Door {
    pub url: String,
    knocks: mpsc::UnboundedReceiver<Knock>,
    _tasks: JoinSet<()>,
}

/// A request that waits for its answer; dropped, the connection ends without one.
pub struct Knock {
    pub request: Request,
    answer: oneshot::Sender<Vec<u8>>,
}

impl Door {
    pub async fn open() -> Door {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/slack", listener.local_addr().unwrap());
        let (sender, knocks) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                talks.spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let Ok(Some(request)) = Request::read(&mut stream).await else {
                        return;
                    };
                    let (answer, answered) = oneshot::channel();
                    if sender.send(Knock { request, answer }).is_ok()
                        && let Ok(bytes) = answered.await
                    {
                        stream.write_all(&bytes).await.ok();
                    }
                });
            }
        });
        Door {
            url,
            knocks,
            _tasks: tasks,
        }
    }

    /// The app of a town listens here from now on, to everything.
    pub async fn of(town: &Town) -> Door {
        let door = Door::open().await;
        let url = &door.url;
        let http = json!({"events": url, "commands": url, "interactivity": url});
        town.inject(json!({"type": "app", "http": http})).await;
        door
    }

    pub async fn knock(&mut self) -> Knock {
        soon(self.knocks.recv())
            .await
            .expect("somebody at the door")
    }
}

impl Knock {
    pub fn header(&self, name: &str) -> &str {
        self.request.header(name).unwrap_or_default()
    }

    /// The number and the reason of a retry.
    pub fn retry(&self) -> (&str, &str) {
        (
            self.header("x-slack-retry-num"),
            self.header("x-slack-retry-reason"),
        )
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.request.body).unwrap()
    }

    pub fn field(&self, name: &str) -> Option<String> {
        let mut all = url::form_urlencoded::parse(&self.request.body);
        all.find(|(its, _)| its == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Whether it was signed with that secret.
    pub fn signed(&self, secret: &str) -> bool {
        let at = self.header("x-slack-request-timestamp").parse().unwrap();
        self.header("x-slack-signature") == sign(secret, at, &self.request.body)
    }

    /// Answers with a status, headers as lines, and a body.
    pub fn answer(self, status: u16, headers: &str, body: &str) {
        let length = body.len();
        self.raw(&format!(
            "HTTP/1.1 {status} So\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        ));
    }

    pub fn ok(self) {
        self.answer(200, "", "");
    }

    pub fn raw(self, text: &str) {
        self.answer
            .send(text.as_bytes().to_vec())
            .expect("it waits");
    }
}
