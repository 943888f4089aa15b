//! What texts look like, and whom they call.

use serde_json::json;

use crate::stack_exchange_chat::{Replies, Rules, Settings};
use crate::town::Town;

const REL: &str = "rel=\"nofollow noopener noreferrer\"";

#[tokio::test]
async fn a_line_has_its_markup() {
    let town = Town::new().await;
    let cases = [
        ("plain", "plain".to_string()),
        (
            "*i* _i_ **b** __b__",
            "<i>i</i> <i>i</i> <b>b</b> <b>b</b>".into(),
        ),
        ("***x***", "<b><i>x</i></b>".into()),
        ("**b *i* b**", "<b>b <i>i</i> b</b>".into()),
        ("---gone---", "<strike>gone</strike>".into()),
        ("`a *b* <c>`", "<code>a *b* &lt;c&gt;</code>".into()),
        (
            "2 * 3 * 4 and snake_case_name",
            "2 * 3 * 4 and snake_case_name".into(),
        ),
        ("*not closed", "*not closed".into()),
        (r"\*stars\* \`ticks\`", "*stars* `ticks`".into()),
        ("---", "---".into()),
        ("======", "======".into()),
        ("> quoted", "&gt; quoted".into()),
        ("# no heading", "# no heading".into()),
        (
            "<script>\"it's\" &amp;</script>",
            "&lt;script&gt;&quot;it&#39;s&quot; &amp;amp;&lt;/script&gt;".into(),
        ),
        ("a [bracket]", "a &#91;bracket]".into()),
        (
            "[text](http://example.org/a_(b))",
            format!("<a href=\"http://example.org/a_(b)\" {REL}>text</a>"),
        ),
        (
            "[*t* & u](https://example.org/?a=1&b=2 \"the \"best\"\")",
            format!(
                "<a href=\"https://example.org/?a=1&amp;b=2\" title=\"the &quot;best&quot;\" {REL}><i>t</i> &amp; u</a>"
            ),
        ),
        (
            "[x](javascript:alert(1))",
            "&#91;x](javascript:alert(1))".into(),
        ),
        (
            "see http://example.org/x_y_z, now",
            format!("see <a href=\"http://example.org/x_y_z\" {REL}>example.org/x_y_z</a>, now"),
        ),
        (
            "https://stackoverflow.com/questions/11227809/why-is-it",
            format!(
                "<a href=\"//stackoverflow.com/questions/11227809/why-is-it\" {REL}>stackoverflow.com/questions/1122&hellip;</a>"
            ),
        ),
        (
            "[tag:c++]",
            "<a href=\"//stackexchange.com/questions/tagged/c%2B%2B\"><span class=\"ob-post-tag\" \
             style=\"background-color: #E0EAF1; color: #3E6D8E;\">c++</span></a>"
                .into(),
        ),
        ("مرحبا 👩‍👩‍👧 žluť", "مرحبا 👩‍👩‍👧 žluť".into()),
        (
            "one\ntwo *not* <i>",
            "<div class='full'>one <br> two *not* &lt;i&gt;</div>".into(),
        ),
        ("\nalone", "<div class='full'>alone</div>".into()),
        (
            "    let x = 1;\n      y < 2",
            "<pre class='full'>let x = 1;\n  y &lt; 2</pre>".into(),
        ),
        ("    one line", "<pre class='full'>one line</pre>".into()),
    ];
    for (source, html) in cases {
        let id = town.server.say(town.sandbox, town.ann, source);
        let views = town.server.messages(town.sandbox);
        let view = views.iter().find(|view| view.id == id).unwrap();
        assert_eq!(view.html, html, "{source:?}");
    }
}

#[tokio::test]
async fn addresses_alone_are_boxes() {
    let town = Town::new().await;
    let said = town.server.say(town.sandbox, town.ben, "*wise* words");
    let html = |text: &str| {
        town.server.say(town.tavern, town.ann, text);
        town.server.messages(town.tavern).pop().unwrap().html
    };
    let image = |address: &str| {
        format!(
            "<div class=\"onebox ob-image\"><a rel=\"nofollow noopener noreferrer\" href=\"{address}\">\
             <img src=\"{address}\" class=\"user-image\" alt=\"user image\" /></a></div>"
        )
    };
    assert_eq!(
        html("https://i.stack.imgur.com/x.png"),
        image("//i.stack.imgur.com/x.png")
    );
    assert_eq!(
        html("!https://example.org/?pic&1"),
        image("https://example.org/?pic&amp;1")
    );
    assert!(html("see https://i.stack.imgur.com/x.png").starts_with("see <a "));
    let base = town.server.url();
    for address in [
        format!("https://chat.stackexchange.com/transcript/message/{said}#{said}"),
        format!("{base}/transcript/{}?m={said}#{said}", town.sandbox),
    ] {
        let html = html(&address);
        for part in [
            "onebox ob-message",
            "class=\"roomname\"",
            "<span title=\"2026-11-21 12:00:00Z\">",
            "<span class=\"user-name\">Ben</span>",
            "<div class=\"quote\"><i>wise</i> words</div>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
    assert!(
        html(&format!(
            "https://chat.stackoverflow.com/transcript/message/{said}"
        ))
        .starts_with("<a ")
    );
    town.server.delete(said);
    assert!(html(&format!("{base}/transcript/message/{said}")).starts_with("<a "));
}

#[tokio::test]
async fn the_longest_texts_go_through_and_longer_ones_do_not() {
    let town = Town::new().await;
    let mut ann = town.ann().await;
    ann.join(town.sandbox).await;
    let mut ear = ann.listen(town.sandbox, Some(i64::MAX)).await;
    let path = format!("/chats/{}/messages/new", town.sandbox);
    // 500 of the signs that take four bytes are 1,000 UTF-16 units.
    for (text, fits) in [
        ("x".repeat(500), true),
        ("x".repeat(501), false),
        ("é".repeat(500), true),
        ("😀".repeat(250), true),
        ("😀".repeat(500), false),
        (format!("\n{}", "😀".repeat(500)), true),
        (format!("a\n{}", "y".repeat(9_998)), true),
        (format!("a\n{}", "y".repeat(9_999)), false),
        (" ".into(), false),
    ] {
        let page = ann.post(&path, &[("text", &text)]).await;
        assert_eq!(
            page.status == 200,
            fits,
            "{} characters",
            text.chars().count()
        );
        if !fits {
            assert_eq!((page.status, page.header("chat")), (500, Some("error")));
        }
        if text.chars().count() > 500 && !fits {
            assert_eq!(page.body, "The message is too long");
        }
    }
    let text = format!("😀\n{}", "<&>".repeat(400));
    let id = ann.say(town.sandbox, &text).await;
    let mut told = ear.event(town.sandbox, 1).await;
    while told["message_id"] != id {
        told = ear.event(town.sandbox, 1).await;
    }
    let shown = told["content"].as_str().unwrap();
    assert!(
        shown.starts_with("<div class='partial'>😀 <br> &lt;&amp;&gt;")
            && shown.ends_with("</div>")
    );
    let visible = shown
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .chars()
        .count();
    assert!((590..640).contains(&visible), "{visible}");
    let whole = ann.get(&format!("/messages/{}/{id}", town.sandbox)).await;
    assert_eq!(
        whole.body,
        format!(
            "<div class='full'>😀 <br> {}</div>",
            "&lt;&amp;&gt;".repeat(400)
        )
    );
    assert_eq!(
        ann.get(&format!("/messages/{}/{id}", town.tavern))
            .await
            .status,
        404
    );
    let code = format!("    {}", "z".repeat(700)) + "\n    end";
    ann.say(town.sandbox, &code).await;
    let shown = ear.event(town.sandbox, 1).await["content"].to_string();
    assert!(shown.contains("<pre class='partial'>zzz"));
}

#[tokio::test]
async fn json_has_no_angle_brackets_and_no_ampersand() {
    let town = Town::new().await;
    let mut ann = town.ann().await;
    ann.say(town.sandbox, "<b> & \"c\" 😀").await;
    let path = format!("/chats/{}/events", town.sandbox);
    let page = ann.post(&path, &[]).await;
    assert!(
        page.body
            .contains(r"\u0026lt;b\u0026gt; \u0026amp; \u0026quot;c\u0026quot; 😀"),
        "{}",
        page.body
    );
    assert!(!page.body.contains(['<', '>', '&']));
    assert_eq!(
        page.json()["events"][0]["content"],
        "&lt;b&gt; &amp; &quot;c&quot; 😀"
    );
}

#[tokio::test]
async fn replies_have_two_styles_and_two_ways() {
    for (style, start) in [(Replies::New, ""), (Replies::Old, "@AnnOther ")] {
        let settings = Settings {
            rules: Rules {
                replies: style,
                ..Rules::default()
            },
            ..Settings::default()
        };
        let town = Town::with(settings).await;
        let mut ben = town.ben().await;
        ben.join(town.sandbox).await;
        let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
        let first = town.server.say(town.sandbox, town.ann, "hello");
        let elsewhere = town.server.say(town.tavern, town.ann, "hello");
        ear.event(town.sandbox, 1).await;
        let typed = ben.say(town.sandbox, &format!(":{first} *yes*")).await;
        let event = ear.event(town.sandbox, 1).await;
        assert_eq!(event["content"], format!("{start}<i>yes</i>"));
        assert_eq!(
            (&event["parent_id"], &event["show_parent"]),
            (&json!(first), &json!(true))
        );
        assert_eq!(event.get("target_user_id").is_some(), style == Replies::Old);
        let path = format!("/chats/{}/messages/new", town.sandbox);
        let parent = first.to_string();
        ben.post(&path, &[("text", "a\nb"), ("parentId", &parent)])
            .await
            .json();
        let event = ear.event(town.sandbox, 1).await;
        assert_eq!(
            event["content"],
            format!("<div class='full'>{start}a <br> b</div>")
        );
        assert_eq!(event["parent_id"], first);
        let source = ben
            .get(&format!("/message/{}?plain=true", event["message_id"]))
            .await;
        assert_eq!(source.body, format!(":{first} a\nb"));
        // A message of another room, or none at all: it stays as it was typed.
        for id in [elsewhere, 77] {
            ben.say(town.sandbox, &format!(":{id} hm")).await;
            let event = ear.event(town.sandbox, 1).await;
            assert_eq!(event["content"], format!(":{id} hm"));
            assert!(event.get("parent_id").is_none());
        }
        // An edit without the prefix is no reply any more; one with it is one again, and pings nobody twice.
        let edit = format!("/messages/{typed}");
        ben.post(&edit, &[("text", "no")]).await.json();
        let event = ear.event(town.sandbox, 2).await;
        assert_eq!(
            (&event["content"], event.get("parent_id")),
            (&json!("no"), None)
        );
        ben.post(&edit, &[("text", "so"), ("parentId", &parent)])
            .await
            .json();
        let event = ear.event(town.sandbox, 2).await;
        assert_eq!(
            (&event["parent_id"], &event["message_edits"]),
            (&json!(first), &json!(2))
        );
        let chat = town.server.chat();
        let pings = chat.log.after(0).iter().filter(|event| {
            event.body.get("message_id") == Some(&json!(typed)) && event.body["event_type"] == 18
        });
        assert_eq!(pings.count(), 1);
    }
}

#[tokio::test]
async fn names_are_called_by_their_beginning() {
    let town = Town::new().await;
    let anna = town.server.account("anna@example.org", "x", "Änna K.");
    for user in [town.ann, town.ben, town.cleo, anna] {
        town.server.chat().enter(town.sandbox, user);
    }
    let absent = town.server.account("bennet@example.org", "x", "Bennet");
    let called = |text: &str| town.server.chat().mentioned(town.sandbox, town.cleo, text);
    for (text, users) in [
        ("@ben", vec![town.ben]),
        ("@BEN: hi", vec![town.ben]),
        ("@be", vec![]),
        ("@benn", vec![]),
        ("ben", vec![]),
        ("mail@ben.example", vec![town.ben]),
        ("@ann", vec![town.ann, anna]),
        ("@änn,", vec![town.ann, anna]),
        ("@AnnOther!", vec![town.ann]),
        ("@Ann Other", vec![town.ann, anna]),
        ("@annak.", vec![anna]),
        ("@ben @annother", vec![town.ann, town.ben]),
        ("@cleo", vec![]),
        (&format!("@@{absent}"), vec![]),
    ] {
        assert_eq!(called(text), users, "{text}");
    }
    town.server
        .chat()
        .accounts
        .get_mut(&town.cleo)
        .unwrap()
        .moderator = true;
    assert_eq!(
        called(&format!("@@{absent} come")),
        [absent],
        "a moderator reaches everybody"
    );
    // A single call leads to the last message of who is called, without being a reply.
    let last = town.server.say(town.sandbox, town.ben, "here");
    town.server.say(town.sandbox, town.cleo, "@ben fine");
    let chat = town.server.chat();
    let events: Vec<_> = chat
        .log
        .after(chat.log.last() - 2)
        .iter()
        .map(|event| event.body.clone())
        .collect();
    assert_eq!(
        (&events[0]["event_type"], &events[1]["event_type"]),
        (&json!(8), &json!(1))
    );
    for event in events {
        assert_eq!(event["parent_id"], last);
        assert!(event.get("show_parent").is_none());
    }
}
