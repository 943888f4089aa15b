//! A web socket: texts in both directions over one connection that stays open.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};
use url::Url;

use std::net::SocketAddr;
use std::time::Duration;

use super::page::Answer;
use super::wire::{self, Wire};
use super::{HttpError, Settings, address};

/// The largest text that is taken, in bytes; also of one frame.
const LARGEST: usize = 1 << 20;
/// How much is read at a time, in bytes.
const BUFFER: usize = 16 << 10;

/// An open web socket. Dropping it ends it without a word.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    host: String,
    timeout: Duration,
}

/// What comes over a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    Text(String),
    /// Nothing to read, but somebody is there.
    Alive,
}

impl Socket {
    /// The next text; none when the host has closed the socket in order. Answers pings meanwhile, and leaves out what
    /// is no text. May be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// When the connection broke off or what came is no web socket's; then the socket is of no use any more.
    pub async fn next(&mut self) -> Option<Result<String, HttpError>> {
        loop {
            match self.sign().await? {
                Ok(Sign::Text(text)) => return Some(Ok(text)),
                Ok(Sign::Alive) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The same, but whatever comes is told: who sends nothing else still sends or answers pings.
    ///
    /// # Errors
    /// As with [`Socket::next`].
    pub async fn sign(&mut self) -> Option<Result<Sign, HttpError>> {
        match self.stream.next().await? {
            Ok(Message::Text(text)) => Some(Ok(Sign::Text(text.as_str().to_string()))),
            Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {
                Some(Ok(Sign::Alive))
            }
            Ok(Message::Close(_)) => None,
            Err(error) => why(error, &self.host).map(Err),
        }
    }

    /// Sends a text.
    ///
    /// # Errors
    /// When the connection broke off, or the host takes nothing for as long as an answer may take.
    pub async fn say(&mut self, text: &str) -> Result<(), HttpError> {
        self.send(Message::text(text)).await
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// As with [`Socket::say`].
    pub async fn ping(&mut self) -> Result<(), HttpError> {
        self.send(Message::Ping(Vec::new().into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), HttpError> {
        let said = self.stream.send(message);
        match tokio::time::timeout(self.timeout, said).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(why(error, &self.host).unwrap_or(HttpError::BrokeOff {
                host: self.host.clone(),
            })),
            Err(_) => Err(HttpError::NoAnswer {
                host: self.host.clone(),
                waited: self.timeout,
            }),
        }
    }

    /// Ends it in order, without waiting for the host to agree.
    pub async fn close(mut self) {
        // Whoever is gone already needs no farewell.
        let _ = tokio::time::timeout(self.timeout, self.stream.close(None)).await;
    }
}

/// Opens a socket; a host that answers with something else gives its answer instead.
pub(super) async fn open(
    url: &Url,
    headers: &[(&str, &str)],
    wire: &Wire,
    settings: &Settings,
) -> Result<(Answer, Option<Socket>), HttpError> {
    let host = address::shown(url);
    if url.scheme() == "wss" {
        wire.vouched(&host)?;
    }
    let no_header = |name: &str| HttpError::Setup {
        why: format!("`{name}` cannot be sent as a header"),
    };
    let mut request = url
        .as_str()
        .into_client_request()
        .map_err(|_| HttpError::NoSocket { host: host.clone() })?;
    for (name, value) in [("User-Agent", settings.agent.as_str())]
        .iter()
        .chain(headers)
    {
        request.headers_mut().insert(
            HeaderName::try_from(*name).map_err(|_| no_header(name))?,
            HeaderValue::try_from(*value).map_err(|_| no_header(name))?,
        );
    }
    let stream = connect(url, &host, settings.allow_private).await?;
    let limits = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(LARGEST)
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST));
    match client_async_tls_with_config(request, stream, Some(limits), None).await {
        Ok((stream, _)) => {
            let socket = Socket {
                stream,
                host,
                timeout: settings.timeout,
            };
            Ok((bare(101, Vec::new()), Some(socket)))
        }
        Err(Error::Http(response)) => {
            let headers = wire::kept(response.headers());
            Ok((bare(response.status().as_u16(), headers), None))
        }
        Err(error) => Err(why(error, &host).unwrap_or(HttpError::BrokeOff { host })),
    }
}

/// An answer of which only the head counts.
fn bare(status: u16, headers: Vec<(String, String)>) -> Answer {
    Answer {
        status,
        headers,
        body: Vec::new(),
    }
}

/// Connects to the first address that takes it, of those that were checked.
async fn connect(url: &Url, host: &str, allow_private: bool) -> Result<TcpStream, HttpError> {
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = match address::literal(url) {
        // The door has checked it.
        Some(ip) => vec![SocketAddr::new(ip, port)],
        None => wire::addresses(url.host_str().unwrap_or_default(), port, allow_private).await?,
    };
    let mut trouble = HttpError::NoSuchHost { host: host.into() };
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Texts are short, and each is to leave at once.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => trouble = wire::broken(error.kind(), host),
        }
    }
    Err(trouble)
}

/// The client's error in our words; none when the socket was closed in order.
fn why(error: Error, host: &str) -> Option<HttpError> {
    let host = host.to_string();
    Some(match error {
        Error::ConnectionClosed | Error::AlreadyClosed => return None,
        Error::Io(error) => match wire::tls_inside(&error) {
            Some(tls) => HttpError::Tls {
                why: wire::tls_words(tls),
                host,
            },
            None => wire::broken(error.kind(), &host),
        },
        Error::Tls(error) => HttpError::Tls {
            why: error.to_string(),
            host,
        },
        Error::Capacity(_) => HttpError::TooLarge { largest: LARGEST },
        Error::Protocol(
            tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
            | tokio_tungstenite::tungstenite::error::ProtocolError::HandshakeIncomplete,
        ) => HttpError::BrokeOff { host },
        Error::Protocol(_)
        | Error::WriteBufferFull(_)
        | Error::Utf8(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => HttpError::NoSocket { host },
    })
}
