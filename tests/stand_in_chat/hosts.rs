//! Three chats at one address, told apart by their hosts.

use crate::browser::{Browser, Ear};
use crate::stack_exchange_chat::{HOSTS, Settings};
use crate::town::Town;

/// Somebody who says that this is that host.
fn at(town: &Town, host: &str) -> Browser {
    let mut browser = Browser::new(town.server.url());
    browser.host = host.into();
    browser
}

/// Three chats, each with a room 1.
async fn three() -> Town {
    let settings = Settings {
        hosts: true,
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    for host in &HOSTS[1..] {
        let mut chat = town.server.chat_of(host);
        let owner = chat.account("ann@example.org", "anchor & <sail>", "Ann Other");
        chat.room("Sandbox", owner);
    }
    town
}

#[tokio::test]
async fn cookies_belong_to_the_site_they_come_from() {
    let town = three().await;
    let attribute = |cookie: &str, name: &str| {
        let all = cookie
            .split("; ")
            .find_map(|part| Some(part.strip_prefix(name)?.to_string()));
        all.unwrap_or_default()
    };
    for (site, chat, domain, mark) in [
        (
            "meta.stackexchange.com",
            HOSTS[0],
            ".stackexchange.com",
            "sechatusr",
        ),
        (
            "stackoverflow.com",
            HOSTS[1],
            ".stackoverflow.com",
            "chatusr",
        ),
        (
            "meta.stackexchange.com",
            HOSTS[2],
            ".stackexchange.com",
            "chatusr",
        ),
    ] {
        let mut it = at(&town, site);
        let page = it.get("/users/login").await;
        let prov = page.cookies()[0];
        assert!(
            prov.starts_with("prov=") && prov.split('-').count() > 4,
            "{prov}"
        );
        let page = it.log_in("ben@example.org", "bellows").await;
        let acct = page.cookies()[0];
        assert!(
            acct.starts_with("acct=t=") && acct.contains("&s=") && acct.contains("%2b"),
            "{acct}"
        );
        assert_eq!(attribute(acct, "domain="), domain);
        assert!(acct.contains("; secure") && acct.contains("; HttpOnly"));
        // The jar of a real client carries it over.
        it.host = chat.into();
        let page = it.get("/chats/join/favorite").await;
        assert!(page.body.contains("my-profile"));
        let marks: Vec<&str> = page
            .cookies()
            .into_iter()
            .filter(|cookie| cookie.starts_with(mark))
            .collect();
        assert_eq!(marks.len(), 1);
        assert_eq!(
            attribute(marks[0], "domain="),
            "",
            "only for the chat itself"
        );
        it.fkey = page.key();
        let url = it.ticket(1).await;
        assert!(
            url.starts_with(&town.server.url().replace("http", "ws")),
            "{url}"
        );
    }
    // What is good there is not good here, and not when it is encoded again.
    let mut it = at(&town, "stackoverflow.com");
    it.log_in("ben@example.org", "bellows").await;
    let acct = it.cookies["acct"].clone();
    let mut other = at(&town, HOSTS[0]);
    other.cookies.insert("acct".into(), acct.clone());
    assert!(!other.get("/").await.body.contains("my-profile"));
    let mut again = at(&town, HOSTS[1]);
    for value in [
        acct.replace('=', "%3D").replace('&', "%26"),
        acct.replace("%2b", "+"),
    ] {
        again.cookies.insert("acct".into(), value);
        assert!(!again.get("/").await.body.contains("my-profile"));
    }
    again.cookies.insert("acct".into(), acct);
    assert!(again.get("/").await.body.contains("my-profile"));
}

#[tokio::test]
async fn three_chats_share_no_numbers() {
    let town = three().await;
    let mut keys = Vec::new();
    let mut users = Vec::new();
    for host in HOSTS {
        let room = {
            let mut chat = town.server.chat_of(host);
            let owner = chat.by_email("ann@example.org").unwrap().id;
            chat.room("Lobby", owner)
        };
        let mut ann = at(&town, host);
        ann.log_in("ann@example.org", "anchor & <sail>").await;
        ann.fetch_key().await;
        keys.push(ann.fkey.clone());
        let time = ann.join(room).await["time"].as_i64().unwrap();
        let mut ear = Ear::open(
            &format!("{}?l={time}", ann.ticket(room).await),
            Some(&format!("https://{host}")),
        )
        .await
        .unwrap();
        let id = ann.say(room, "hello").await;
        let told = ear.event(room, 1).await;
        users.push(told["user_id"].as_i64().unwrap());
        assert_eq!(told["message_id"], id);
        let chat = town.server.chat_of(host);
        assert_eq!(chat.messages.len(), 1);
        assert_eq!(chat.messages[&id].room, room);
    }
    users.dedup();
    assert_eq!(users.len(), 3, "a user has another number in each chat");
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
    // A key of one chat is no key of another.
    let mut ben = at(&town, HOSTS[0]);
    ben.log_in("ben@example.org", "bellows").await;
    ben.fetch_key().await;
    ben.host = HOSTS[2].into();
    assert_eq!(
        ben.post("/chats/1/messages/new", &[("text", "x")])
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_single_chat_takes_any_name_for_its_own() {
    let town = Town::new().await;
    let mut it = at(&town, "stackexchange.com");
    let page = it.log_in("ben@example.org", "bellows").await;
    let acct = page.cookies()[0];
    assert!(
        acct.contains("; domain=.stackexchange.com; secure"),
        "{acct}"
    );
    it.host = HOSTS[0].into();
    it.fetch_key().await;
    assert!(it.cookies.contains_key("sechatusr"));
    let url = it.ticket(town.sandbox).await;
    assert!(
        url.starts_with(&town.server.url().replace("http", "ws")),
        "{url}"
    );
    it.say(town.sandbox, "from afar").await;
    assert_eq!(town.server.messages(town.sandbox)[0].user, town.ben);
}
