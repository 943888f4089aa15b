//! The stand-in for Stack Exchange itself, over real sockets and with a stopped clock.

#[path = "stand_in/stack_exchange.rs"]
mod stack_exchange;

use std::io::Read;
use std::path::PathBuf;

use boson::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use flate2::read::GzDecoder;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use stack_exchange::{Fault, Network, Site, StackExchange};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

fn file(site: &str) -> PathBuf {
    let posts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/posts");
    posts.join(site).join("Posts.xml")
}

fn day(text: &str) -> DateTime<Utc> {
    format!("{text}T00:00:00Z").parse().unwrap()
}

/// Coffee as it was in April 2015, when all its posts were written; limits are not enforced.
async fn coffee() -> StackExchange {
    let mut network = Network::new(vec![Site::posts("coffee", file("coffee"))]);
    network.limits.enforced = false;
    network.limits.per_second = 10_000;
    let clock = Clock::stopped(day("2015-04-01"));
    StackExchange::start(network, clock, 0).await.unwrap()
}

/// Empty sites, as strict as the real ones.
async fn by_hand() -> StackExchange {
    let clock = Clock::stopped(day("2026-11-21"));
    StackExchange::start(Network::by_hand(), clock, 0)
        .await
        .unwrap()
}

fn pass(server: &StackExchange, seconds: i64) {
    let clock = &server.shared.clock;
    clock.advance_to(clock.now() + TimeDelta::seconds(seconds));
}

/// Everything that comes, whatever it is.
async fn raw(server: &StackExchange, path: &str) -> Vec<u8> {
    let address = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address.strip_suffix("/2.3").unwrap())
        .await
        .unwrap();
    let question = format!("GET /2.3{path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    let mut whole = None;
    loop {
        if whole.is_some_and(|whole| all.len() >= whole)
            || stream.read_buf(&mut all).await.unwrap() == 0
        {
            return all;
        }
        let text = String::from_utf8_lossy(&all);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.split_once("content-length: ").unwrap().1;
            let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
            whole = Some(head.len() + 4 + length);
        }
    }
}

/// The status and the unpacked body.
async fn ask(server: &StackExchange, path: &str) -> (u16, Value) {
    let all = raw(server, path).await;
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    assert!(head.contains("content-encoding: gzip"), "{head}");
    let mut body = String::new();
    GzDecoder::new(&all[end + 4..])
        .read_to_string(&mut body)
        .unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (
        status,
        serde_json::from_str(&body).unwrap_or(Value::String(body)),
    )
}

/// What an answer has in one field of its items.
async fn all(server: &StackExchange, path: &str, field: &str) -> Vec<Value> {
    let (status, answer) = ask(server, path).await;
    assert_eq!(status, 200, "{path}: {answer}");
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item[field].clone()).collect()
}

async fn refusal(server: &StackExchange, path: &str) -> (u64, String) {
    let (status, answer) = ask(server, path).await;
    assert_eq!(status, 400, "{path}: {answer}");
    let message = answer["error_message"].as_str().unwrap().to_string();
    (answer["error_id"].as_u64().unwrap(), message)
}

#[tokio::test]
async fn pages_lead_to_the_end_and_nothing_comes_twice() {
    let server = coffee().await;
    let mut ids = Vec::new();
    for page in 1.. {
        let path = format!("/posts?site=coffee&pagesize=100&order=asc&sort=creation&page={page}");
        let (_, answer) = ask(&server, &path).await;
        let items = answer["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["post_id"].as_u64().unwrap()));
        if answer["has_more"] == false {
            break;
        }
    }
    // All that are questions or answers.
    assert_eq!(ids.len(), 552);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 552);
    assert_eq!(
        all(&server, "/posts?site=coffee", "post_id").await.len(),
        30
    );
    let (_, none) = ask(&server, "/posts?site=coffee&pagesize=0&filter=total").await;
    assert_eq!(none, json!({"total": 552}));
    assert_eq!(
        refusal(&server, "/posts?site=coffee&pagesize=101").await,
        (400, "pagesize".into())
    );
    assert_eq!(refusal(&server, "/posts?site=coffee&page=26").await.0, 403);
    assert_eq!(
        all(&server, "/posts?site=coffee&page=26&key=k", "post_id")
            .await
            .len(),
        0
    );
    assert_eq!(server.shared.network().asked("posts", "coffee"), 11);
}

#[tokio::test]
async fn what_is_not_written_yet_is_not_there() {
    let mut network = Network::new(vec![Site::posts("coffee", file("coffee"))]);
    network.limits.enforced = false;
    let clock = Clock::stopped("2015-01-27T20:10:00Z".parse().unwrap());
    let server = StackExchange::start(network, clock, 0).await.unwrap();
    let first = all(&server, "/questions?site=coffee", "creation_date").await;
    assert!(!first.is_empty() && first.len() < 5, "{first:?}");
    let tags = all(&server, "/tags?site=coffee", "count").await;
    assert!(
        tags.iter()
            .all(|count| count.as_u64().unwrap() <= first.len() as u64)
    );
    pass(&server, 86_400);
    assert_eq!(
        all(&server, "/questions?site=coffee&pagesize=30", "title")
            .await
            .len(),
        30
    );
}

#[tokio::test]
async fn bounds_are_on_the_creation_or_on_the_sort_and_belong_to_it() {
    let server = coffee().await;
    let (from, to) = (day("2015-02-01").timestamp(), day("2015-02-08").timestamp());
    let path = format!(
        "/answers?site=coffee&sort=creation&order=asc&fromdate={from}&todate={to}&pagesize=100"
    );
    let dates = all(&server, &path, "creation_date").await;
    let dates: Vec<i64> = dates.iter().map(|date| date.as_i64().unwrap()).collect();
    assert!(dates.len() > 5 && dates.is_sorted(), "{dates:?}");
    assert!(dates.iter().all(|date| (from..=to).contains(date)));
    let (first, last) = (dates[0], dates[dates.len() - 1]);
    let path = format!("/answers?site=coffee&sort=creation&min={first}&max={last}&pagesize=100");
    assert_eq!(all(&server, &path, "answer_id").await.len(), dates.len());
    let scores = all(
        &server,
        "/questions?site=coffee&sort=votes&min=5&max=7",
        "score",
    )
    .await;
    assert!(
        scores
            .iter()
            .all(|score| (5..=7).contains(&score.as_i64().unwrap()))
    );
    assert!(scores.is_sorted_by(|a, b| a.as_i64() >= b.as_i64()));
    let both = "/questions?site=coffee&tagged=espresso;brewing";
    for tags in all(&server, both, "tags").await {
        let tags = tags.as_array().unwrap();
        assert!(tags.contains(&"espresso".into()) && tags.contains(&"brewing".into()));
    }
    assert_eq!(
        refusal(&server, "/questions?site=coffee&tagged=a;b;c;d;e;f").await,
        (400, "tagged".into())
    );
    assert_eq!(
        refusal(&server, "/answers?site=coffee&sort=name").await,
        (400, "sort".into())
    );
}

#[tokio::test]
async fn ids_name_up_to_a_hundred() {
    let server = coffee().await;
    let ids = all(
        &server,
        "/questions?site=coffee&pagesize=100",
        "question_id",
    )
    .await;
    let ids: Vec<String> = ids.iter().map(Value::to_string).collect();
    let path = |ids: &[String]| format!("/questions/{}?site=coffee&pagesize=100", ids.join(";"));
    assert_eq!(all(&server, &path(&ids), "title").await.len(), 100);
    let mut more = ids.clone();
    more.push("1".into());
    assert_eq!(refusal(&server, &path(&more)).await, (400, "ids".into()));
    let path = format!(
        "/questions/{}/answers?site=coffee&pagesize=100",
        ids.join(";")
    );
    for question in all(&server, &path, "question_id").await {
        assert!(ids.contains(&question.to_string()));
    }
    let path = format!("/posts/{}/comments?site=coffee&pagesize=100", ids.join(";"));
    assert_eq!(all(&server, &path, "comment_id").await.len(), 100);
    let path = format!("/posts/{}/revisions?site=coffee&pagesize=100", ids[0]);
    assert!(!all(&server, &path, "revision_guid").await.is_empty());
}

#[tokio::test]
async fn filters_decide_what_is_there_and_how_it_is_written() {
    let server = by_hand().await;
    let line = "beer gets question 7 by ann (50): Brewer's <yeast> & \"hops\" [hops] The body";
    server.change(|network, now| assert!(network.direct(line, now)));
    let (_, answer) = ask(&server, "/questions/7?site=beer").await;
    let question = &answer["items"][0];
    assert_eq!(
        question["title"],
        "Brewer&#39;s &lt;yeast&gt; &amp; &quot;hops&quot;"
    );
    assert_eq!(question["owner"]["reputation"], 50);
    assert!(question.get("body").is_none() && question.get("share_link").is_none());
    assert!(answer.get("total").is_none() && answer.get("type").is_none());
    let (_, answer) = ask(&server, "/questions/7?site=beer&filter=withbody").await;
    assert_eq!(answer["items"][0]["body"], "<p>The body</p>\n");
    let make = "/filters/create?base=none&unsafe=true&include=.items;.type;question.title;question.owner;shallow_user.user_type";
    let (_, made) = ask(&server, make).await;
    let filter = made["items"][0]["filter"].as_str().unwrap();
    assert_eq!(made["items"][0]["filter_type"], "unsafe");
    let shown = json!({
        "items": [{"title": "Brewer's <yeast> & \"hops\"", "owner": {"user_type": "registered"}}],
        "type": "question",
    });
    let (_, answer) = ask(&server, &format!("/questions/7?site=beer&filter={filter}")).await;
    assert_eq!(answer, shown);
    // It is good for ever, and everywhere.
    let other = by_hand().await;
    other.change(|network, now| network.direct(line, now));
    assert_eq!(
        ask(&other, &format!("/questions/7?site=beer&filter={filter}"))
            .await
            .1,
        shown
    );
    assert_eq!(
        refusal(&server, "/filters/create?include=question.colour")
            .await
            .0,
        400
    );
    let (_, answer) = ask(&server, "/questions/7?site=beer&filter=!nonsense").await;
    assert_eq!(answer["error_message"], "Invalid filter specified");
}

#[tokio::test]
async fn errors_are_named_and_numbered() {
    let server = by_hand().await;
    assert_eq!(
        refusal(&server, "/questions?site=nowhere").await,
        (400, "No site found for name `nowhere`".into())
    );
    assert_eq!(
        refusal(&server, "/questions").await,
        (400, "site is required".into())
    );
    assert_eq!(refusal(&server, "/nothing?site=beer").await.0, 404);
    assert_eq!(
        refusal(&server, "/questions?site=beer&order=up").await,
        (400, "order".into())
    );
    assert_eq!(refusal(&server, "/errors/503").await.0, 503);
    assert!(
        all(&server, "/errors", "error_id")
            .await
            .contains(&502.into())
    );
    assert_eq!(
        refusal(&server, "/questions?site=beer&access_token=invalid&key=k")
            .await
            .0,
        402
    );
    // Hosts and titles.
    assert_eq!(
        all(&server, "/questions?site=beer.stackexchange.com", "title")
            .await
            .len(),
        0
    );
    let sites = all(&server, "/sites?pagesize=5&page=2", "api_site_parameter").await;
    assert_eq!(sites.len(), 5);
    let names = all(&server, "/sites", "name").await;
    assert!(names.contains(&"Beer, Wine &amp; Spirits".into()));
}

#[tokio::test]
async fn the_quota_is_a_days_and_everybody_has_their_own() {
    let server = by_hand().await;
    let left = async |path: &str| {
        let (_, answer) = ask(&server, path).await;
        (
            answer["quota_max"].as_i64(),
            answer["quota_remaining"].as_i64(),
        )
    };
    assert_eq!(left("/info?site=beer").await, (Some(300), Some(299)));
    assert_eq!(
        left("/info?site=meta&key=k").await,
        (Some(10_000), Some(9_999))
    );
    assert_eq!(
        left("/info?site=coffee&key=k&access_token=t").await,
        (Some(10_000), Some(9_999))
    );
    assert_eq!(
        left("/info?site=superuser&key=k").await,
        (Some(10_000), Some(9_998))
    );
    server.change(|network, now| network.limits.has_left(now, 1));
    assert_eq!(left("/info?site=askubuntu").await, (Some(300), Some(0)));
    let (id, message) = refusal(&server, "/info?site=workplace").await;
    assert_eq!(id, 502);
    assert!(
        message.ends_with("more requests available in 86400 seconds"),
        "{message}"
    );
    pass(&server, 86_400);
    assert_eq!(left("/info?site=workplace").await, (Some(300), Some(299)));
}

#[tokio::test]
async fn more_than_thirty_in_a_second_are_refused_for_a_while() {
    let server = by_hand().await;
    for page in 1..=30 {
        assert_eq!(
            ask(&server, &format!("/users?site=beer&key=k&page={page}"))
                .await
                .0,
            200
        );
    }
    let path = "/users?site=beer&key=k&page=31";
    assert_eq!(refusal(&server, path).await.0, 502);
    pass(&server, 29);
    assert_eq!(refusal(&server, path).await.0, 502);
    pass(&server, 1);
    assert_eq!(ask(&server, path).await.0, 200);
}

#[tokio::test]
async fn a_backoff_is_for_its_method_and_a_second_longer_than_it_says() {
    let server = by_hand().await;
    server.change(|network, _| network.limits.wants_backoff("questions", 10));
    let (_, answer) = ask(&server, "/questions?site=beer").await;
    assert_eq!(answer["backoff"], 10);
    assert_eq!(ask(&server, "/answers?site=beer").await.0, 200);
    pass(&server, 11);
    let (_, answer) = ask(&server, "/questions?site=coffee").await;
    assert_eq!(answer.get("backoff"), None);
    server.change(|network, _| network.limits.wants_backoff("questions", 10));
    ask(&server, "/questions?site=meta").await;
    pass(&server, 10);
    let (id, message) = refusal(&server, "/questions?site=superuser").await;
    assert_eq!(
        (id, message.ends_with("available in 10 seconds")),
        (502, true)
    );
    // Now everything is refused.
    assert_eq!(refusal(&server, "/answers?site=meta").await.0, 502);
    pass(&server, 10);
    assert_eq!(ask(&server, "/answers?site=meta").await.0, 200);
}

#[tokio::test]
async fn nothing_may_be_asked_twice_within_a_minute() {
    let server = by_hand().await;
    assert_eq!(ask(&server, "/questions?site=beer&pagesize=1").await.0, 200);
    pass(&server, 20);
    // Another key does not make another request.
    let (id, message) = refusal(&server, "/questions?pagesize=1&site=beer&key=k").await;
    assert_eq!(
        (id, message.ends_with("available in 40 seconds")),
        (502, true)
    );
    pass(&server, 60);
    assert_eq!(ask(&server, "/questions?site=beer&pagesize=1").await.0, 200);
}

#[tokio::test]
async fn an_answer_is_given_again_for_a_minute() {
    let server = by_hand().await;
    let path = "/questions?site=beer&sort=creation";
    server.change(|network, now| {
        network.limits.enforced = false;
        network.direct("beer gets question 7 by ann: Early [hops]", now)
    });
    assert_eq!(all(&server, path, "question_id").await, [7]);
    server.change(|network, now| network.direct("beer gets question 8 by ann: Late [hops]", now));
    pass(&server, 59);
    assert_eq!(all(&server, path, "question_id").await, [7]);
    let other = format!("{path}&order=asc");
    assert_eq!(all(&server, &other, "question_id").await, [7, 8]);
    pass(&server, 1);
    assert_eq!(all(&server, path, "question_id").await, [8, 7]);
}

#[tokio::test]
async fn what_is_new_can_be_late_in_lists_and_out_of_order() {
    let server = by_hand().await;
    server.change(|network, now| {
        network.limits.enforced = false;
        network.lag = 60;
        network.direct(
            "beer gets 20 questions from 1 by ann: Which hops? [hops]",
            now,
        )
    });
    let list = async |order: &str| {
        let path = format!("/questions?site=beer&sort=creation&order={order}&pagesize=100");
        all(&server, &path, "question_id").await
    };
    let at_once = list("asc").await.len();
    assert!(at_once < 5, "{at_once}");
    assert_eq!(
        all(&server, "/questions/1;2;3;4;5?site=beer", "title")
            .await
            .len(),
        5
    );
    pass(&server, 30);
    let some = list("desc").await;
    assert!((5..16).contains(&some.len()), "{some:?}");
    let first: Vec<u64> = (1..=some.len() as u64).collect();
    assert_ne!(some, first.into_iter().rev().collect::<Vec<u64>>());
    pass(&server, 30);
    assert_eq!(list("asc").await.len(), 20);
}

#[tokio::test]
async fn what_happens_to_posts_is_seen() {
    let server = by_hand().await;
    let lines = [
        "beer gets question 7 by gone Zed: Which hops? [hops, ipa] The body",
        "beer gets answer 8 to 7 by bob (300): Citra",
        "beer gets comment 9 on 8 by cat (1): Really?",
        "beer gets edit 3 of 7 by dan: spelling | A better body",
        "beer gets revision ABCDEF of 7 by dan: Rollback to Revision 1",
        "beer gets badge Student (bronze) for ann",
        "beer gets badge hops (silver) for ann",
        "tag ipa on beer has synonyms",
        "edit 3 on beer is approved",
        "answer 8 on beer is accepted",
        "question 7 on beer is closed as “Opinion-based” by eve",
        "question 7 on beer gets a bounty of 50",
        "question 7 on beer is edited by dan: spelling | A better body",
        "answer 8 on beer has score -3",
    ];
    server.change(|network, now| {
        network.limits.enforced = false;
        for line in lines {
            assert!(network.direct(line, now), "{line}");
        }
    });
    let now = server.shared.clock.now().timestamp();
    let (_, answer) = ask(&server, "/questions?site=beer&filter=withbody").await;
    let question = &answer["items"][0];
    assert_eq!(
        question["owner"],
        json!({"user_type": "does_not_exist", "display_name": "Zed"})
    );
    assert_eq!(question["closed_reason"], "Opinion-based");
    assert_eq!(question["closed_date"], now);
    assert_eq!(question["bounty_amount"], 50);
    assert_eq!(question["accepted_answer_id"], 8);
    assert_eq!(question["last_edit_date"], now);
    assert_eq!(question["body"], "<p>A better body</p>\n");
    assert_eq!(
        all(&server, "/questions/featured?site=beer", "question_id").await,
        [7]
    );
    assert_eq!(
        all(
            &server,
            "/search/advanced?site=beer&closed=True",
            "question_id"
        )
        .await,
        [7]
    );
    assert_eq!(all(&server, "/answers?site=beer", "score").await, [-3]);
    assert_eq!(all(&server, "/posts?site=beer", "post_type").await.len(), 2);
    assert_eq!(all(&server, "/comments?site=beer", "post_id").await, [8]);
    assert_eq!(
        all(
            &server,
            "/suggested-edits?site=beer&sort=approval",
            "approval_date"
        )
        .await,
        [now]
    );
    let kinds = all(&server, "/badges/recipients?site=beer", "badge_type").await;
    assert_eq!(kinds, ["tag_based", "named"]);
    let back = all(&server, "/posts/7/revisions?site=beer", "is_rollback").await;
    assert_eq!(back, [false, true, false]);
    assert_eq!(
        all(
            &server,
            "/tags?site=beer&sort=name&order=asc",
            "has_synonyms"
        )
        .await,
        [false, true]
    );
    assert_eq!(
        all(&server, "/users?site=beer&inname=bo", "reputation").await,
        [300]
    );
    pass(&server, 8 * 86_400);
    assert_eq!(
        all(&server, "/questions/featured?site=beer", "question_id")
            .await
            .len(),
        0
    );
    server.change(|network, now| network.direct("question 7 on beer is deleted", now));
    assert_eq!(
        all(&server, "/posts?site=beer&sort=creation", "post_id")
            .await
            .len(),
        0
    );
    assert_eq!(
        all(&server, "/comments?site=beer&sort=votes", "post_id")
            .await
            .len(),
        0
    );
}

#[tokio::test]
async fn it_fails_as_it_is_told_to() {
    let server = by_hand().await;
    let path = "/sites?pagesize=100";
    server.change(|network, _| {
        network.fault(Fault::Status(500));
        network.fault(Fault::Cut);
        network.fault(Fault::Error(503));
        network.fault(Fault::Throttle(30));
    });
    let (status, page) = ask(&server, path).await;
    assert_eq!(status, 500);
    assert!(page.as_str().unwrap().starts_with("<html>"));
    let cut = String::from_utf8_lossy(&raw(&server, path).await).into_owned();
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("200") && !body.is_empty());
    assert_eq!(refusal(&server, path).await.0, 503);
    assert_eq!(refusal(&server, path).await.0, 502);
    assert_eq!(refusal(&server, "/errors").await.0, 502);
    pass(&server, 60);
    assert_eq!(ask(&server, path).await.0, 200);
    server.change(|network, now| network.direct("beer answers error 500", now));
    assert_eq!(refusal(&server, "/tags?site=beer").await.0, 500);
    assert_eq!(ask(&server, "/tags?site=coffee").await.0, 200);
    server.change(|network, now| network.direct("beer answers again", now));
    assert_eq!(ask(&server, "/tags?site=beer").await.0, 200);
}

#[tokio::test]
async fn an_answer_can_have_no_end() {
    let server = by_hand().await;
    server.change(|network, _| network.fault(Fault::NeverEnds));
    let address = server
        .url
        .strip_prefix("http://")
        .unwrap()
        .strip_suffix("/2.3")
        .unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /2.3/sites HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut head = [0; 15];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 St");
    // Others are answered meanwhile.
    assert_eq!(ask(&server, "/errors").await.0, 200);
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn listen(server: &StackExchange, channel: &str) -> Socket {
    let before = server.counts().subscribed;
    let (mut socket, _) = tokio_tungstenite::connect_async(&server.websocket)
        .await
        .unwrap();
    socket.send(Message::text(channel)).await.unwrap();
    while server.counts().subscribed == before {
        tokio::task::yield_now().await;
    }
    socket
}

async fn hear(socket: &mut Socket) -> Option<Value> {
    let message = socket.next().await?.ok()?;
    Some(serde_json::from_str(message.to_text().unwrap()).unwrap())
}

#[tokio::test]
async fn the_web_socket_tells_what_happens_to_questions() {
    let server = by_hand().await;
    let mut all = listen(&server, "155-questions-active").await;
    let mut own = listen(&server, "1-questions-active").await;
    let happens = |line: &str| {
        server.change(|network, now| assert!(network.direct(line, now), "{line}"));
    };
    happens("beer gets question 7 by gone Zed: Which \"hops\"? [hops] The body");
    let news = hear(&mut all).await.unwrap();
    assert_eq!(news["action"], "155-questions-active");
    let about: Value = serde_json::from_str(news["data"].as_str().unwrap()).unwrap();
    assert_eq!(about["siteBaseHostAddress"], "beer.stackexchange.com");
    assert_eq!(about["apiSiteParameter"], "beer");
    assert_eq!(about["id"], "7");
    assert_eq!(about["titleEncodedFancy"], "Which &quot;hops&quot;?");
    assert_eq!(about["tags"], json!(["hops"]));
    assert_eq!(
        about["lastActivityDate"],
        server.shared.clock.now().timestamp()
    );
    assert_eq!(about.get("ownerUrl"), None);
    happens("stackoverflow gets question 9 by ann: Which loop? [rust] The body");
    for (socket, channel) in [(&mut all, "155"), (&mut own, "1")] {
        let news = hear(socket).await.unwrap();
        assert_eq!(news["action"], format!("{channel}-questions-active"));
        assert!(news["data"].as_str().unwrap().contains("Which loop?"));
    }
    // An answer is an activity of its question.
    happens("beer gets answer 8 to 7 by bob: Citra");
    let news = hear(&mut all).await.unwrap();
    assert!(news["data"].as_str().unwrap().contains("\"id\":\"7\""));
    assert_eq!(server.counts().pings, 4);
}

#[tokio::test]
async fn the_web_socket_tells_real_posts_at_their_time() {
    let clock = Clock::stopped(day("2015-01-27"));
    let mut network = Network::new(vec![Site::posts("coffee", file("coffee"))]);
    network.advance(clock.now().timestamp());
    let server = StackExchange::start(network, clock, 0).await.unwrap();
    let mut socket = listen(&server, "155-questions-active").await;
    server
        .shared
        .clock
        .advance_to("2015-01-27T20:09:32Z".parse().unwrap());
    loop {
        let news = hear(&mut socket).await.unwrap();
        if news["action"] != "hb" {
            assert!(news["data"].as_str().unwrap().contains("coffee"));
            break;
        }
    }
}

#[tokio::test]
async fn the_heart_beats_and_wants_an_answer() {
    let server = by_hand().await;
    let mut good = listen(&server, "155-questions-active").await;
    let mut bad = listen(&server, "155-questions-active").await;
    for beat in 1..=4 {
        pass(&server, 60);
        let heard = hear(&mut good).await.unwrap();
        assert_eq!(heard, json!({"action": "hb", "data": "hb"}));
        good.send(Message::text(heard.to_string())).await.unwrap();
        let heard = hear(&mut bad).await;
        assert_eq!(heard.is_some(), beat <= 3, "beat {beat}");
        while server.counts().answered < beat {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_web_socket_can_die_silently_or_break_off() {
    let server = by_hand().await;
    let mut dead = listen(&server, "155-questions-active").await;
    server.silence();
    let mut alive = listen(&server, "155-questions-active").await;
    pass(&server, 60);
    assert_eq!(hear(&mut alive).await.unwrap()["action"], "hb");
    assert_eq!(server.counts().beats, 1);
    server.drop_sockets();
    assert_eq!(hear(&mut alive).await, None);
    // It never said a word.
    assert_eq!(hear(&mut dead).await, None);
}

#[tokio::test]
async fn made_up_posts_come_as_often_as_they_should() {
    let since = day("2026-11-01").timestamp();
    let site = Site::made_up("stackoverflow", 5_000.0, 1, since);
    let mut network = Network::new(vec![site]);
    network.limits.enforced = false;
    let clock = Clock::stopped(day("2026-11-02"));
    let server = StackExchange::start(network, clock, 0).await.unwrap();
    let (_, day) = ask(&server, "/questions?site=stackoverflow&filter=total").await;
    let day = day["total"].as_i64().unwrap();
    assert!((4_800..5_200).contains(&day), "{day}");
}
