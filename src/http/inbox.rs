//! An address of this machine at which others post something: sizes, times and connections are limited.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::HttpError;

/// The largest body that is taken, in bytes.
const LARGEST: usize = 1 << 20;
/// How long the head of a request may take, and how long its body.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one may be open: who does not read the answer takes the place of others.
const TALK: Duration = Duration::from_secs(30);
/// How many connections are open at the same time; more wait.
const CONNECTIONS: usize = 64;
/// How long nothing is accepted when the machine has no room for another connection.
const FULL: Duration = Duration::from_millis(100);

/// An address at which others post something.
pub struct Inbox(TcpListener);

/// What somebody posted, or asked for. Nothing of it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    pub method: String,
    /// Before the `?`.
    pub path: String,
    /// Behind the `?`.
    pub query: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What they get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

impl Posted {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }
}

impl Answered {
    /// Nothing but a status.
    pub fn status(status: u16) -> Answered {
        Answered {
            status,
            content_type: "text/plain; charset=utf-8",
            body: Vec::new(),
        }
    }
}

impl Inbox {
    /// Takes an address of this machine.
    ///
    /// # Errors
    /// When it cannot be taken, for instance because another program has it.
    pub async fn open(address: SocketAddr) -> Result<Inbox, HttpError> {
        let listener = TcpListener::bind(address).await;
        listener.map(Inbox).map_err(|error| HttpError::Setup {
            why: match error.kind() {
                std::io::ErrorKind::AddrInUse => "another program has this address".into(),
                std::io::ErrorKind::PermissionDenied => {
                    "this program may not have this address".into()
                }
                std::io::ErrorKind::AddrNotAvailable => "this machine has no such address".into(),
                _ => error.to_string(),
            },
        })
    }

    /// The address, with the port that was given to it.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> Result<SocketAddr, HttpError> {
        self.0.local_addr().map_err(|error| HttpError::Setup {
            why: error.to_string(),
        })
    }

    /// Answers what comes with what `answer` gives, until it is dropped. One connection brings one request.
    pub async fn take<F, A>(self, answer: F)
    where
        F: Fn(Posted) -> A + Clone + Send + 'static,
        A: Future<Output = Answered> + Send + 'static,
    {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut talks = JoinSet::new();
        loop {
            let place = places.clone().acquire_owned().await;
            let place = place.expect("nobody closes it");
            let stream = match self.0.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(FULL).await;
                    continue;
                }
            };
            while talks.try_join_next().is_some() {}
            let answer = answer.clone();
            talks.spawn(async move {
                talk(stream, answer, TALK).await;
                drop(place);
            });
        }
    }
}

async fn talk<F, A>(stream: TcpStream, answer: F, longest: Duration)
where
    F: Fn(Posted) -> A + Clone,
    A: Future<Output = Answered>,
{
    let asked = service_fn(move |request: Request<Incoming>| {
        let answer = answer.clone();
        async move {
            let answered = match read(request).await {
                Ok(posted) => answer(posted).await,
                Err(status) => Answered::status(status),
            };
            Ok::<_, Infallible>(written(answered))
        }
    });
    let talk = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), asked);
    match tokio::time::timeout(longest, talk).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::debug!(%error, "somebody posted something that is no request");
        }
        Err(_) => tracing::debug!("somebody was answered and did not read it"),
    }
}

/// The whole of a request, or the status that says why not.
async fn read(request: Request<Incoming>) -> Result<Posted, u16> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect();
    let body = match tokio::time::timeout(PATIENCE, body).await {
        Ok(Ok(body)) => body.to_bytes().to_vec(),
        Ok(Err(error)) => {
            let large = error.is::<http_body_util::LengthLimitError>();
            return Err(if large { 413 } else { 400 });
        }
        Err(_) => return Err(408),
    };
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_string(), value)
    });
    Ok(Posted {
        method: head.method.as_str().into(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        headers: headers.collect(),
        body,
    })
}

fn written(answered: Answered) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answered.body)));
    let status = StatusCode::from_u16(answered.status);
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = HeaderValue::from_static(answered.content_type);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn who_does_not_read_the_answer_is_left() {
        let inbox = Inbox::open(([127, 0, 0, 1], 0).into()).await.unwrap();
        let mut stream = std::net::TcpStream::connect(inbox.address().unwrap()).unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        let large = 64 << 20;
        let answer = move |_| async move {
            Answered {
                body: vec![b'.'; large],
                ..Answered::status(200)
            }
        };
        let (accepted, _) = inbox.0.accept().await.unwrap();
        talk(accepted, answer, Duration::from_secs(1)).await;
        let mut answered = Vec::new();
        // Whether that is an end or a reset, it is not all of it.
        let _ = stream.read_to_end(&mut answered);
        assert!(answered.len() < large, "{}", answered.len());
    }
}
