//! The pages for people: nothing that somebody typed is taken for HTML, and nothing comes from elsewhere.

use crate::stack_exchange_chat::Settings;
use crate::town::Town;

const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";

#[tokio::test]
async fn what_people_type_is_never_taken_for_html() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    let user = town.ben;
    let room = {
        let mut chat = town.server.chat();
        let room = chat.room(EVIL, user);
        chat.rename_room(room, Some(user), EVIL, EVIL, &[EVIL.to_string()]);
        chat.rename(user, EVIL);
        room
    };
    ben.join(room).await;
    let id = ben.say(room, EVIL).await;
    town.server.star(id, town.ann);
    town.server.edit(id, &format!("{EVIL} again"));
    town.server.chat().pin(id, user, None).unwrap();
    let plain = url::form_urlencoded::byte_serialize(EVIL.as_bytes()).collect::<String>();
    for path in [
        "/".into(),
        format!("/rooms/{room}"),
        format!("/rooms/info/{room}"),
        format!("/users/{user}"),
        format!("/transcript/{room}"),
        format!("/transcript/message/{id}"),
        format!("/messages/{id}/history"),
        format!("/message/{id}"),
        format!("/chats/stars/{room}"),
        format!("/search?q={plain}"),
        format!("/users/login?returnurl={plain}"),
        format!("/{plain}"),
    ] {
        let page = ben.get(&path).await;
        assert!(
            !page.body.contains("<script>alert"),
            "{path}: {}",
            page.body
        );
        assert!(!page.body.contains("<img src=x"), "{path}");
    }
    let source = ben.get(&format!("/message/{id}?plain=true")).await;
    assert!(source.body.starts_with(EVIL));
    assert_eq!(
        source.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
}

#[tokio::test]
async fn the_page_to_talk_needs_nothing_from_elsewhere() {
    let settings = Settings {
        open_house: true,
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    let mut stranger = crate::browser::Browser::new(town.server.url());
    let page = stranger.get("/users/login?returnurl=/rooms/1").await;
    for name in ["Ann Other", "Ben", "Cléo"] {
        assert!(
            page.body.contains(&format!("<button>{name}</button>")),
            "{name}"
        );
    }
    assert!(page.body.contains("value=\"anchor &amp; &lt;sail&gt;\""));
    // What the form of the first door sends.
    let key = page.key();
    let fields = [
        ("fkey", key.as_str()),
        ("email", "ann@example.org"),
        ("password", "anchor & <sail>"),
    ];
    let page = stranger
        .form("/users/login?returnurl=%2Frooms%2F1", &fields)
        .await;
    assert_eq!(page.header("location"), Some("/rooms/1"));
    for path in ["/", "/rooms/1", "/rooms/info/1", "/transcript/1"] {
        let page = stranger.get(path).await;
        assert_eq!(page.status, 200);
        for outside in [
            "src=\"http",
            "src=\"//",
            "@import",
            "<link rel=\"stylesheet",
            "url(",
        ] {
            assert!(!page.body.contains(outside), "{path}: {outside}");
        }
    }
    let page = stranger.get("/users/logout").await;
    assert_eq!(page.key().len(), 32);
    // Nobody is sent elsewhere by an address.
    let mut other = crate::browser::Browser::new(town.server.url());
    let key = other.get("/users/login").await.key();
    for away in [
        "https://example.org/",
        "//example.org/",
        "/x\r\nSet-Cookie: a=b",
    ] {
        let fields = [
            ("fkey", key.as_str()),
            ("returnurl", away),
            ("email", "ben@example.org"),
            ("password", "bellows"),
        ];
        assert_eq!(
            other.form("/users/login", &fields).await.header("location"),
            Some("/")
        );
        other.cookies.clear();
    }
}
