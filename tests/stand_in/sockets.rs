//! A small web socket server: the test is the other end of each connection.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// The server.
pub struct Sockets {
    listener: TcpListener,
    pub address: SocketAddr,
}

/// One connection, at the server's end. Dropping it breaks the connection off.
pub struct Peer {
    pub stream: WebSocketStream<TcpStream>,
    /// The headers that came with it, as `name: value`.
    pub headers: Vec<String>,
}

impl Sockets {
    pub async fn start() -> Sockets {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Sockets { listener, address }
    }

    pub fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// Waits for the next connection; a client that never comes fails the test.
    pub async fn next(&self) -> Peer {
        within(self.connection()).await
    }

    async fn connection(&self) -> Peer {
        let (stream, _) = self.listener.accept().await.unwrap();
        let mut headers = Vec::new();
        // Its type is the crate's.
        #[allow(clippy::result_large_err)]
        let look = |request: &Request, response: Response| {
            for (name, value) in request.headers() {
                headers.push(format!("{name}: {}", value.to_str().unwrap()));
            }
            Ok(response)
        };
        let stream = accept_hdr_async(stream, look).await.unwrap();
        Peer { stream, headers }
    }

    /// Takes the next connection and drops it.
    pub async fn hang_up(&self) {
        drop(self.listener.accept().await.unwrap());
    }
}

impl Peer {
    pub async fn say(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// The next text of the client; none when it has gone. A client that stays and says nothing fails the test.
    pub async fn hear(&mut self) -> Option<String> {
        within(self.text()).await
    }

    async fn text(&mut self) -> Option<String> {
        loop {
            match self.stream.next().await?.ok()? {
                Message::Text(text) => return Some(text.to_string()),
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}

/// Waits in real time, so that what never happens is a failure with a name.
async fn within<T>(happens: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), happens)
        .await
        .expect("nothing came for a minute")
}
