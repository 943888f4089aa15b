//! The door to the web, over real sockets, against a server that misbehaves.

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/web.rs"]
mod web;

use std::time::Duration;

use boson::clock::Clock;
use boson::http::{Body, Http, HttpError, Login, Page, Request, Settings, Staged};
use chrono::{DateTime, Utc};
use web::{Act, Web};

fn settings() -> Settings {
    Settings {
        allow_private: true,
        timeout: Duration::from_millis(300),
        largest: 1 << 20,
        ..Settings::default()
    }
}

fn clock() -> Clock {
    Clock::stopped("2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap())
}

fn door(settings: Settings) -> Http {
    Http::new(settings, clock()).unwrap()
}

async fn get(http: &Http, url: impl Into<String>) -> Result<Page, HttpError> {
    http.get(Request::new(url)).await
}

async fn fails(http: &Http, url: impl Into<String>) -> String {
    get(http, url).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_page_arrives_with_what_it_says_of_itself() {
    let web = Web::start().await;
    web.page(
        "/a",
        &[
            "ETag: \"1\"",
            "Content-Type: text/xml",
            "Cache-Control: max-age=90",
            "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT",
        ],
        "hello",
    );
    let http = door(settings());
    let page = get(&http, web.url("/a#fragment")).await.unwrap();
    assert_eq!((page.status, page.body.as_slice()), (200, &b"hello"[..]));
    assert_eq!(page.url, web.url("/a"));
    assert_eq!(page.moved, None);
    assert_eq!(page.content_type.as_deref(), Some("text/xml"));
    assert_eq!(page.fresh, Some(Duration::from_secs(90)));
    let again = Request::new(web.url("/a")).unless(page.etag, None);
    assert_eq!(http.get(again).await.unwrap().status, 304);
    let again = Request::new(web.url("/a"))
        .unless(None, page.last_modified)
        .accept("text/xml");
    assert_eq!(http.get(again).await.unwrap().status, 304);
    let heard = web.heard();
    assert!(heard[2].contains("accept: text/xml"), "{}", heard[2]);
    assert!(heard[2].contains("user-agent: boson/"), "{}", heard[2]);
    assert!(!heard[2].contains("authorization"), "{}", heard[2]);
}

#[tokio::test]
async fn slow_silent_and_endless_answers_end() {
    let web = Web::start().await;
    web.on("/silence", Act::Silence);
    web.on("/drip", Act::Drip);
    web.on("/flood", Act::Flood);
    web.on("/hang-up", Act::HangUp);
    let host = web.address;
    let silent = format!("{host} does not answer (nothing complete for 300 milliseconds)");
    assert_eq!(fails(&door(settings()), web.url("/silence")).await, silent);
    assert_eq!(fails(&door(settings()), web.url("/drip")).await, silent);
    let long = Settings {
        timeout: Duration::from_secs(20),
        ..settings()
    };
    assert_eq!(
        fails(&door(long), web.url("/flood")).await,
        "the page is larger than 1 MiB"
    );
    assert_eq!(
        fails(&door(settings()), web.url("/hang-up")).await,
        format!("the connection to {host} broke off")
    );
}

#[tokio::test]
async fn packed_pages_are_unpacked_up_to_the_limit() {
    let web = Web::start().await;
    web.page(
        "/gzip",
        &["Content-Encoding: gzip"],
        include_bytes!("stand_in/hello.gz"),
    );
    web.page(
        "/br",
        &["Content-Encoding: br"],
        include_bytes!("stand_in/hello.br"),
    );
    web.page(
        "/bomb",
        &["Content-Encoding: gzip"],
        include_bytes!("stand_in/bomb.gz"),
    );
    web.page("/broken", &["Content-Encoding: gzip"], "no gzip at all");
    web.on(
        "/announced",
        Act::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx".to_vec()),
    );
    let http = door(Settings {
        timeout: Duration::from_secs(20),
        ..settings()
    });
    assert_eq!(
        get(&http, web.url("/gzip")).await.unwrap().body,
        b"hello, packed world\n"
    );
    assert_eq!(
        get(&http, web.url("/br")).await.unwrap().body,
        b"hello, packed world\n"
    );
    assert_eq!(
        fails(&http, web.url("/bomb")).await,
        "the page is larger than 1 MiB"
    );
    assert_eq!(
        fails(&http, web.url("/announced")).await,
        "the page is larger than 1 MiB"
    );
    assert_eq!(
        fails(&http, web.url("/broken")).await,
        format!(
            "what {} sent is damaged and cannot be unpacked",
            web.address
        )
    );
}

#[tokio::test]
async fn redirects_are_followed_and_counted() {
    let web = Web::start().await;
    web.page("/end", &[], "end");
    web.status("/permanent", "301 Moved", &["Location: /permanent-2"]);
    web.status("/permanent-2", "308 Moved", &["Location: end"]);
    web.status("/mixed", "302 Found", &["Location: /permanent"]);
    web.status("/loop", "302 Found", &["Location: /loop"]);
    web.status("/nowhere", "302 Found", &[]);
    web.status("/file", "302 Found", &["Location: file:///etc/passwd"]);
    let http = door(settings());
    let page = get(&http, web.url("/permanent")).await.unwrap();
    assert_eq!(
        (page.url, page.moved),
        (web.url("/end"), Some(web.url("/end")))
    );
    let page = get(&http, web.url("/mixed")).await.unwrap();
    assert_eq!((page.url, page.moved), (web.url("/end"), None));
    assert!(
        fails(&http, web.url("/loop"))
            .await
            .contains("more than 5 redirects")
    );
    assert!(
        fails(&http, web.url("/nowhere"))
            .await
            .contains("points elsewhere without saying where")
    );
    assert!(
        fails(&http, web.url("/file"))
            .await
            .contains("is no web address")
    );
}

#[tokio::test]
async fn private_addresses_are_refused_under_every_name() {
    let web = Web::start().await;
    web.page("/", &[], "secret");
    let http = door(Settings {
        allow_private: false,
        ..settings()
    });
    let port = web.address.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "[::]",
        "１２７.0.0.1",
    ] {
        let error = fails(&http, format!("http://{host}:{port}/")).await;
        assert!(
            error.contains("is a private address; the operator can allow it"),
            "{host}: {error}"
        );
    }
    assert!(web.heard().is_empty());
    let open = door(settings());
    assert_eq!(
        get(&open, format!("http://localhost:{port}/"))
            .await
            .unwrap()
            .body,
        b"secret"
    );
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    let (http, stage) = Http::staged(clock());
    for (n, to) in [
        "http://127.0.0.1/",
        "//[::ffff:10.0.0.1]/",
        "http://0xa9fea9fe/latest",
    ]
    .into_iter()
    .enumerate()
    {
        let url = format!("https://example.org/{n}");
        stage.serve(&url, Staged::status(302).header("location", to));
        let error = fails(&http, url).await;
        assert!(error.contains("is a private address"), "{to}: {error}");
    }
    assert_eq!(stage.requests().len(), 3);
    let web = Web::start().await;
    web.status("/", "302 Found", &["Location: http://127.0.0.2:9/"]);
    assert!(
        fails(&door(settings()), web.url("/"))
            .await
            .contains("127.0.0.2:9 refuses the connection")
    );
}

#[tokio::test]
async fn passwords_go_to_their_host_only() {
    let (mine, other) = (Web::start().await, Web::start().await);
    mine.page("/", &[], "mine");
    mine.status(
        "/away",
        "302 Found",
        &[&format!("Location: http://a:b@{}/", other.address)],
    );
    other.page("/", &[], "other");
    let login = Login {
        user: "ann".into(),
        password: String::from("secret").into(),
    };
    let with_login = Settings {
        logins: [(mine.address.to_string(), login)].into(),
        ..settings()
    };
    let http = door(with_login.clone());
    get(&http, mine.url("/")).await.unwrap();
    get(&http, mine.url("/away")).await.unwrap();
    assert!(mine.heard()[0].contains("authorization: basic"));
    assert!(
        !other.heard()[0].contains("authorization"),
        "{}",
        other.heard()[0]
    );
    assert!(!format!("{with_login:?}").contains("secret"));
    assert!(
        fails(&http, format!("http://u:p@{}/", mine.address))
            .await
            .contains("name and password")
    );
}

#[tokio::test]
async fn a_host_that_wants_rest_gets_it() {
    let web = Web::start().await;
    web.status("/busy", "429 Too Many", &["Retry-After: 300"]);
    web.status(
        "/down",
        "503 Unavailable",
        &["Retry-After: Thu, 01 Jan 2026 00:10:00 GMT"],
    );
    web.page("/fine", &[], "fine");
    let clock = clock();
    let http = Http::new(settings(), clock.clone()).unwrap();
    let error = get(&http, web.url("/busy")).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
    assert_eq!(
        error.to_string(),
        format!("{} wants to be asked again in 5 minutes", web.address)
    );
    clock.advance_to(clock.now() + Duration::from_secs(120));
    let error = get(&http, web.url("/fine")).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(180)));
    assert_eq!(web.heard().len(), 1);
    clock.advance_to(clock.now() + Duration::from_secs(180));
    assert_eq!(get(&http, web.url("/fine")).await.unwrap().body, b"fine");
    let error = get(&http, web.url("/down")).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
}

#[tokio::test]
async fn a_host_that_keeps_failing_is_left_alone_for_longer_and_longer() {
    let web = Web::start().await;
    web.on("/", Act::HangUp);
    let clock = clock();
    let http = Http::new(settings(), clock.clone()).unwrap();
    let mut rests = Vec::new();
    for _ in 0..4 {
        let mut error = get(&http, web.url("/")).await.unwrap_err();
        if error.retry_after().is_none() {
            error = get(&http, web.url("/")).await.unwrap_err();
        }
        let rest = error.retry_after().unwrap_or_default();
        rests.push(rest.as_secs());
        clock.advance_to(clock.now() + rest);
    }
    assert_eq!(rests, [0, 10, 20, 40]);
    web.page("/", &[], "back");
    assert!(get(&http, web.url("/")).await.is_ok());
}

#[tokio::test]
async fn statuses_are_explained() {
    let web = Web::start().await;
    web.status("/gone", "410 Gone", &[]);
    web.status("/error", "500 Oh", &[]);
    web.status("/odd", "299 Odd", &[]);
    let http = door(settings());
    let host = web.address;
    assert_eq!(
        fails(&http, web.url("/missing")).await,
        format!("{host} answered 404 (not found)")
    );
    let gone = get(&http, web.url("/gone")).await.unwrap_err();
    assert!(gone.is_gone());
    assert_eq!(
        fails(&http, web.url("/error")).await,
        format!("{host} answered 500 (something is broken there)")
    );
    assert_eq!(get(&http, web.url("/odd")).await.unwrap().status, 299);
}

#[tokio::test]
async fn a_host_gets_two_requests_at_a_time_and_others_do_not_wait() {
    let (busy, free) = (Web::start().await, Web::start().await);
    busy.on("/", Act::Gated);
    free.page("/", &[], "free");
    let http = door(Settings {
        timeout: Duration::from_secs(20),
        ..settings()
    });
    let asking: Vec<_> = (0..6)
        .map(|_| {
            let (http, url) = (http.clone(), busy.url("/"));
            tokio::spawn(async move { get(&http, url).await })
        })
        .collect();
    while busy.at_once() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&http, free.url("/")).await.unwrap().body, b"free");
    for one in asking {
        while !one.is_finished() {
            busy.open_gate();
            tokio::task::yield_now().await;
        }
        one.await.unwrap().unwrap();
    }
    assert_eq!((busy.heard().len(), busy.most_at_once()), (6, 2));
}

#[tokio::test]
async fn a_refusal_with_a_reason_can_be_read() {
    let web = Web::start().await;
    let refusal = "HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"error_id\": 502}";
    web.on(
        "/api",
        Act::Raw(refusal.as_bytes()[..refusal.len() - 1].to_vec()),
    );
    let endless = "HTTP/1.1 500 Oh\r\nContent-Length: 99999999\r\n\r\nx";
    web.on("/endless", Act::Raw(endless.into()));
    web.status("/busy", "429 Too Many", &["Retry-After: 300"]);
    let http = door(settings());
    let asked = |path| Request::new(web.url(path)).whatever_it_says();
    let page = http.get(asked("/api")).await.unwrap();
    assert_eq!(
        (page.status, page.body.as_slice()),
        (400, &b"{\"error_id\": 502"[..])
    );
    assert_eq!(page.content_type.as_deref(), Some("application/json"));
    let plain = fails(&http, web.url("/api")).await;
    assert!(
        plain.ends_with("answered 400 (it does not like the question)"),
        "{plain}"
    );
    assert_eq!(
        http.get(asked("/endless")).await.unwrap_err().to_string(),
        "the page is larger than 1 MiB"
    );
    let page = http.get(asked("/missing")).await.unwrap();
    assert_eq!((page.status, page.body.len()), (404, 0));
    let later = http.get(asked("/busy")).await.unwrap_err();
    assert_eq!(later.retry_after(), Some(Duration::from_secs(300)));
}

#[tokio::test]
async fn what_is_sent_arrives_at_its_host_only() {
    let (mine, other) = (Web::start().await, Web::start().await);
    mine.page("/", &[], "thanks");
    mine.status(
        "/away",
        "307 Elsewhere",
        &[&format!("Location: {}", other.url("/"))],
    );
    other.page("/", &[], "other");
    let http = door(settings());
    let json = Body::json(&serde_json::json!({"text": "Ünï"}));
    let post = async |path: &str, body| http.post(Request::new(mine.url(path)), body).await;
    assert_eq!(post("/", json.clone()).await.unwrap().body, b"thanks");
    let form = Body::form(&[("text", "a b&c=d"), ("fkey", "é")]);
    assert_eq!(post("/", form).await.unwrap().status, 200);
    assert_eq!(
        post("/away", json.clone()).await.unwrap_err().to_string(),
        format!(
            "{} points elsewhere, and what is sent there is not sent on",
            mine.address
        )
    );
    assert!(other.heard().is_empty());
    assert_eq!(
        mine.sent()[..2],
        ["{\"text\":\"Ünï\"}", "text=a+b%26c%3Dd&fkey=%C3%A9"]
    );
    assert!(mine.heard()[0].starts_with("post / "));
    assert!(mine.heard()[0].contains("content-type: application/json"));
    let closed = Settings {
        allow_private: false,
        ..settings()
    };
    for url in [
        mine.url("/"),
        format!("http://localhost:{}/", mine.address.port()),
    ] {
        let error = door(closed.clone())
            .post(Request::new(url), json.clone())
            .await
            .unwrap_err();
        assert!(matches!(error, HttpError::Private { .. }), "{error}");
    }
    mine.on("/silence", Act::Silence);
    let hasty = Request::new(mine.url("/silence")).within(Duration::from_millis(40));
    assert!(
        http.post(hasty, json)
            .await
            .unwrap_err()
            .to_string()
            .contains("nothing complete for 40 milliseconds")
    );
}

#[tokio::test]
async fn https_that_cannot_be_trusted_is_explained() {
    let web = Web::start().await;
    web.on("/", Act::HangUp);
    let http = door(settings());
    let error = fails(&http, format!("https://{}/", web.address)).await;
    assert!(
        error.starts_with(&web.address.to_string()) || error.contains("broke off"),
        "{error}"
    );
    let error = fails(&http, format!("https://localhost:{}/", web::self_signed())).await;
    assert!(error.contains("cannot be asked over https"), "{error}");
    assert!(
        error.contains("nobody we trust") || error.contains("root certificates"),
        "{error}"
    );
    assert_eq!(
        fails(&http, "http://127.0.0.1:1/").await,
        "127.0.0.1:1 refuses the connection"
    );
}

#[tokio::test]
async fn the_stage_is_a_web_of_its_own() {
    let (http, stage) = Http::staged(clock());
    stage.serve("https://example.org/feed", Staged::page("text/xml", "one"));
    stage.serve(
        "https://example.org/old",
        Staged::status(301).header("Location", "/feed"),
    );
    stage.serve("https://slow.example", Staged::Slow);
    stage.serve("https://closed.example", Staged::Refused);
    let page = get(&http, "https://example.org/old").await.unwrap();
    assert_eq!(page.moved.as_deref(), Some("https://example.org/feed"));
    let again = Request::new("https://example.org/feed").unless(page.etag.clone(), None);
    assert_eq!(http.get(again.clone()).await.unwrap().status, 304);
    stage.serve("https://example.org/feed", Staged::page("text/xml", "two"));
    assert_eq!(http.get(again).await.unwrap().body, b"two");
    assert_eq!(
        fails(&http, "https://example.org/x").await,
        "example.org answered 404 (not found)"
    );
    assert_eq!(
        fails(&http, "https://nobody.example/").await,
        "there is no host called nobody.example"
    );
    assert_eq!(
        fails(&http, "https://slow.example/").await,
        "slow.example does not answer (nothing complete for 30 seconds)"
    );
    assert_eq!(
        fails(&http, "https://closed.example/").await,
        "closed.example refuses the connection"
    );
    assert_eq!(
        stage.requests()[..2],
        ["https://example.org/old", "https://example.org/feed"]
    );
}
