//! Web sockets through the door, over real sockets, with a server that misbehaves.

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/sockets.rs"]
mod sockets;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/web.rs"]
mod web;

use std::time::Duration;

use boson::clock::Clock;
use boson::http::{Http, HttpError, Settings};
use chrono::{DateTime, Utc};
use futures_util::{SinkExt, StreamExt};
use sockets::Sockets;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use web::{Act, Web};

fn clock() -> Clock {
    Clock::stopped("2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap())
}

fn door() -> Http {
    let settings = Settings {
        allow_private: true,
        timeout: Duration::from_millis(300),
        ..Settings::default()
    };
    Http::new(settings, clock()).unwrap()
}

async fn fails(http: &Http, url: &str) -> HttpError {
    match http.socket(url, &[]).await {
        Ok(_) => panic!("{url} opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn texts_go_both_ways_and_pings_are_answered() {
    let server = Sockets::start().await;
    let (http, url) = (door(), server.url());
    let headers = [("Origin", "https://example.org"), ("Cookie", "a=b")];
    let (mut peer, socket) = tokio::join!(server.next(), http.socket(&url, &headers));
    let mut socket = socket.unwrap();
    for header in ["origin: https://example.org", "cookie: a=b"] {
        assert!(
            peer.headers.contains(&header.to_string()),
            "{:?}",
            peer.headers
        );
    }
    assert!(
        peer.headers
            .iter()
            .any(|header| header.starts_with("user-agent: boson/"))
    );
    socket.say("155-questions-active").await.unwrap();
    assert_eq!(peer.hear().await.as_deref(), Some("155-questions-active"));
    peer.stream.send(Message::Ping("x".into())).await.unwrap();
    peer.stream
        .send(Message::Binary(vec![0xff].into()))
        .await
        .unwrap();
    peer.say("Ünï").await;
    assert_eq!(socket.next().await.unwrap().unwrap(), "Ünï");
    let listening = tokio::spawn(async move { socket.next().await });
    assert_eq!(
        peer.stream.next().await.unwrap().unwrap(),
        Message::Pong("x".into())
    );
    peer.stream.close(None).await.unwrap();
    assert!(listening.await.unwrap().is_none(), "closed in order");
}

#[tokio::test]
async fn what_breaks_or_grows_too_large_ends() {
    let server = Sockets::start().await;
    let (http, url) = (door(), server.url());
    let host = server.address;
    let (peer, socket) = tokio::join!(server.next(), http.socket(&url, &[]));
    drop(peer);
    assert_eq!(
        socket
            .unwrap()
            .next()
            .await
            .unwrap()
            .unwrap_err()
            .to_string(),
        format!("the connection to {host} broke off")
    );
    let (mut peer, socket) = tokio::join!(server.next(), http.socket(&url, &[]));
    let mut socket = socket.unwrap();
    let flood = tokio::spawn(async move {
        let _ = peer
            .stream
            .send(Message::text("x".repeat((1 << 20) + 1)))
            .await;
        peer
    });
    assert_eq!(
        socket.next().await.unwrap().unwrap_err().to_string(),
        "the page is larger than 1 MiB"
    );
    drop(socket);
    flood.await.unwrap();
    let (mut peer, socket) = tokio::join!(server.next(), http.socket(&url, &[]));
    peer.stream
        .get_mut()
        .write_all(b"this is no frame of a web socket")
        .await
        .unwrap();
    assert_eq!(
        socket
            .unwrap()
            .next()
            .await
            .unwrap()
            .unwrap_err()
            .to_string(),
        format!("{host} does not speak as a web socket does")
    );
    let (mut peer, socket) = tokio::join!(server.next(), http.socket(&url, &[]));
    socket.unwrap().close().await;
    assert_eq!(peer.hear().await, None);
}

#[tokio::test]
async fn what_is_no_web_socket_is_explained() {
    let web = Web::start().await;
    web.page("/page", &[], "a page");
    web.status("/away", "302 Found", &["Location: /page"]);
    web.status("/busy", "429 Too Many", &["Retry-After: 300"]);
    web.on("/silence", Act::Silence);
    web.on("/rubbish", Act::Raw(b"rubbish\r\n\r\n".to_vec()));
    let (http, host) = (door(), web.address);
    let url = |path: &str| format!("ws://{host}{path}");
    for (path, said) in [
        ("/missing", format!("{host} answered 404 (not found)")),
        ("/page", format!("{host} answered 200 (which is no page)")),
        (
            "/rubbish",
            format!("{host} does not speak as a web socket does"),
        ),
        (
            "/silence",
            format!("{host} does not answer (nothing complete for 300 milliseconds)"),
        ),
        (
            "/busy",
            format!("{host} wants to be asked again in 5 minutes"),
        ),
    ] {
        assert_eq!(fails(&http, &url(path)).await.to_string(), said);
    }
    // The rest that a host asked for is everybody's.
    assert!(fails(&http, &url("/page")).await.retry_after().is_some());
    let http = door();
    assert!(matches!(
        fails(&http, &url("/away")).await,
        HttpError::Status { status: 302, .. }
    ));
    for url in ["http://example.org/", "ws://", "gopher://x/"] {
        let error = fails(&http, url).await.to_string();
        assert!(error.contains("is no web address"), "{url}: {error}");
    }
    let error = fails(&http, "ws://a:b@example.org/").await;
    assert_eq!(error, HttpError::Password);
    assert_eq!(
        fails(&http, "ws://127.0.0.1:1/").await.to_string(),
        "127.0.0.1:1 refuses the connection"
    );
    let (staged, _) = Http::staged(clock());
    assert!(matches!(
        fails(&staged, "wss://example.org/").await,
        HttpError::Refused { .. }
    ));
}

#[tokio::test]
async fn sockets_of_private_addresses_and_of_strangers_are_refused() {
    let server = Sockets::start().await;
    let closed = Http::new(Settings::default(), clock()).unwrap();
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001"] {
        let error = fails(&closed, &format!("ws://{host}:{port}/")).await;
        assert!(
            matches!(error, HttpError::Private { .. }),
            "{host}: {error}"
        );
    }
    let error = fails(&door(), &format!("wss://localhost:{}/", web::self_signed())).await;
    assert!(
        error.to_string().contains("nobody we trust")
            || error.to_string().contains("root certificates"),
        "{error}"
    );
}
