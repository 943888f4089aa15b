//! Rooms: what is heard arrives whole and in order, what is said goes out whole and in order.

use std::time::Duration;

use boson::clock::Clock;
use boson::model::text::{Block, Span};
use boson::model::{Heard, MessageId, Person, PersonId, Role, RoomId, Text};
use boson::room::memory::Memory;
use boson::room::pipe::{LONGEST_LINE, Pipe};
use boson::room::split::split;
use boson::room::{Platform, SayError, Saying, Seat};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use tokio::sync::mpsc;

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn seat() -> Seat {
    Seat {
        room: RoomId::new("terminal", "home"),
        person: Person {
            id: PersonId("ann".into()),
            name: "ann".into(),
        },
        role: Role::Operator,
        direct: true,
    }
}

// pipe

/// Everything a pipe hears of `input`, through a channel with hardly any room.
async fn heard(input: &[u8]) -> Vec<Heard> {
    let input = std::io::Cursor::new(input.to_vec());
    let pipe = Pipe::new(seat(), Clock::stopped(noon()), input, tokio::io::sink());
    let (sender, mut receiver) = mpsc::channel(1);
    let listening = tokio::spawn(async move { pipe.listen(Vec::new(), sender).await });
    let mut heard = Vec::new();
    while let Some(one) = receiver.recv().await {
        // The loop is slow.
        tokio::task::yield_now().await;
        heard.push(one);
    }
    listening.await.unwrap().unwrap();
    heard
}

async fn lines(input: &[u8]) -> Vec<String> {
    let mut heard = heard(input).await;
    assert_eq!(
        heard.pop(),
        Some(Heard::Left(RoomId::new("terminal", "home")))
    );
    heard
        .into_iter()
        .map(|one| match one {
            Heard::Said(message) => message.text,
            other => {
                panic!("a pipe only says, and ends once: {other:?}")
            }
        })
        .collect()
}

#[tokio::test]
async fn a_line_is_a_message() {
    assert_eq!(lines(b"alive\n").await, ["alive"]);
    assert_eq!(lines(b"alive").await, ["alive"], "also the last one");
    assert_eq!(lines(b"a\r\n\r\n \t\n\nb\r\n").await, ["a", "b"]);
    assert_eq!(lines(b"").await, [""; 0]);
    assert_eq!(lines(b"a\xffb\xc3\n").await, ["a\u{fffd}b\u{fffd}"]);
    let many: Vec<u8> = (0..1000)
        .flat_map(|n| format!("{n}\n").into_bytes())
        .collect();
    assert_eq!(lines(&many).await.len(), 1000);
}

#[tokio::test]
async fn a_message_says_who_and_where() {
    let heard = heard(b"alive\nagain\n").await;
    let [Heard::Said(first), Heard::Said(second), Heard::Left(_)] = heard.as_slice() else {
        panic!("{heard:?}");
    };
    assert_eq!((first.id.0.as_str(), second.id.0.as_str()), ("1", "2"));
    assert_eq!(first.person.name, "ann");
    assert_eq!(first.at, noon());
    assert!(first.direct);
}

#[tokio::test]
async fn a_line_that_is_too_long_is_cut_and_says_so() {
    let fits = "x".repeat(LONGEST_LINE);
    assert_eq!(
        lines(format!("{fits}\r\nnext\n").as_bytes()).await,
        [fits.as_str(), "next"]
    );
    let cut = lines(format!("{fits}yz\nnext\n").as_bytes()).await;
    assert_eq!(cut, [format!("{fits}…").as_str(), "next"]);
    // The cut goes through a character of three bytes.
    let wide = lines("€".repeat(LONGEST_LINE).as_bytes()).await;
    assert_eq!(wide[0], format!("{}…", "€".repeat(LONGEST_LINE / 3)));
}

#[tokio::test]
async fn a_pipe_says_plain_lines_and_nothing_else() {
    let (ours, theirs) = tokio::io::duplex(1024);
    let pipe = Pipe::new(seat(), Clock::stopped(noon()), tokio::io::empty(), theirs);
    let room = RoomId::new("terminal", "home");
    let text = Text::line("Tracking `ex`.").hint("stop it: `stop ex`");
    let saying = Saying::new(room.clone(), text.clone());
    assert_eq!(pipe.say(&saying).await.unwrap().message.0, "1");
    let elsewhere = Saying::new(RoomId::new("terminal", "else"), text.clone());
    let elsewhere = pipe.say(&elsewhere).await;
    assert!(matches!(elsewhere, Err(SayError::Later { .. })));
    let edit = pipe.edit(&room, &MessageId("1".into()), &text).await;
    assert!(matches!(edit, Err(SayError::Never { .. })));
    drop(pipe);
    let mut said = String::new();
    let mut ours = ours;
    tokio::io::AsyncReadExt::read_to_string(&mut ours, &mut said)
        .await
        .unwrap();
    assert_eq!(said, "Tracking `ex`.\nhint: stop it: `stop ex`\n");
}

#[tokio::test]
async fn what_a_closed_output_does_not_take_is_kept_for_another() {
    let (ours, theirs) = tokio::io::duplex(16);
    drop(ours);
    let pipe = Pipe::new(seat(), Clock::stopped(noon()), tokio::io::empty(), theirs);
    let home = RoomId::new("terminal", "home");
    let said = pipe.say(&Saying::new(home, Text::line("hello"))).await;
    assert!(matches!(said, Err(SayError::Later { .. })));
}

// memory

#[tokio::test]
async fn memory_hears_and_says_in_order() {
    let (memory, handle) = Memory::new("test");
    let (sender, mut receiver) = mpsc::channel(8);
    let echo = tokio::spawn(async move {
        let listening = memory.listen(Vec::new(), sender);
        let answering = async {
            while let Some(heard) = receiver.recv().await {
                match heard {
                    Heard::Said(message) => {
                        let text = Text::line(&message.text);
                        let saying = Saying::new(message.room, text);
                        memory.say(&saying).await.unwrap();
                    }
                    Heard::Edited(message) => {
                        let text = Text::line(&message.text);
                        memory
                            .edit(&message.room, &message.id, &text)
                            .await
                            .unwrap();
                    }
                    _ => break,
                }
            }
            receiver.close();
        };
        let (listened, ()) = tokio::join!(listening, answering);
        listened
    });
    for n in 0..100 {
        let message = handle.message("room", "Ann", &n.to_string(), noon());
        assert!(handle.hear(Heard::Said(message)).await);
    }
    let said = handle.wait(100).await;
    let texts: Vec<String> = said.iter().map(|spoken| spoken.text.plain()).collect();
    assert_eq!(texts, (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
    let message = handle.message("room", "Ann", "corrected", noon());
    handle.hear(Heard::Edited(message)).await;
    assert!(handle.wait(1).await[0].edit);
    handle.hear(Heard::Left(RoomId::new("test", "room"))).await;
    echo.await.unwrap().unwrap();
}

#[tokio::test]
async fn memory_ends_and_begins_again() {
    let (memory, handle) = Memory::new("test");
    for _ in 0..2 {
        let (sender, mut receiver) = mpsc::channel(1);
        handle.end();
        memory.listen(Vec::new(), sender).await.unwrap();
        assert_eq!(receiver.recv().await, None);
    }
}

#[tokio::test]
async fn memory_fails_when_told_to() {
    let (memory, handle) = Memory::new("test");
    let room = RoomId::new("test", "room");
    let later = SayError::Later {
        what: "too fast".into(),
        rest: Duration::from_secs(2),
    };
    handle.fail(Some(later.clone()));
    let saying = |words| Saying::new(room.clone(), Text::line(words));
    assert_eq!(memory.say(&saying("a")).await, Err(later));
    handle.fail(None);
    memory.say(&saying("b")).await.unwrap();
    assert_eq!(handle.take().len(), 1);
}

// split

/// What is written, without the spaces: a new message stands for a space, or for none between things that cling.
fn letters(texts: &[Text]) -> String {
    texts
        .iter()
        .flat_map(|text| text.plain().chars().collect::<Vec<_>>())
        .filter(|c| !c.is_whitespace())
        .collect()
}

#[test]
fn a_text_that_fits_stays_as_it_is() {
    let text = Text::line("a `b`").hint("c");
    assert_eq!(split(&text, 100), [text]);
    assert_eq!(split(&Text::new(), 100), []);
}

#[test]
fn blocks_are_the_first_borders() {
    let text = Text::line("one two").entry("three").entry("four");
    let plain: Vec<String> = split(&text, 15).iter().map(Text::plain).collect();
    assert_eq!(plain, ["one two\n- three", "- four"]);
}

#[test]
fn a_link_moves_to_the_next_message_whole() {
    let link = Span::Link {
        words: "the page".into(),
        url: "https://example.org/1".into(),
    };
    let text = Text::new().spans(vec![
        Span::Words("Something long: ".into()),
        link.clone(),
        Span::Words(".".into()),
    ]);
    let texts = split(&text, 32);
    assert_eq!(texts.len(), 2);
    assert_eq!(texts[0].plain(), "Something long:");
    assert_eq!(
        texts[1].0,
        [Block::Line(vec![link, Span::Words(".".into())])]
    );
}

#[test]
fn what_has_no_border_ends_in_an_ellipsis() {
    let text = Text::line(format!("before {} after", "x".repeat(100)));
    let plain: Vec<String> = split(&text, 10).iter().map(Text::plain).collect();
    assert_eq!(plain, ["before", "xxxxxxxxx…", "after"]);
    let url = Text(vec![Block::OneBox(format!(
        "https://example.org/{}",
        "x".repeat(50)
    ))]);
    assert_eq!(split(&url, 10)[0].plain(), "https://e…");
}

#[test]
fn the_rest_of_a_hint_is_no_second_hint() {
    let text = Text::new().hint("one two three four five");
    let plain: Vec<String> = split(&text, 16).iter().map(Text::plain).collect();
    assert_eq!(plain, ["hint: one two", "three four five"]);
}

fn any_words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé ]{0,30}",
        "([a-z]{1,8} ){0,30}",
        "[ a-z\u{7}\u{202e}\n\u{a0}]{0,30}",
    ]
}

fn any_span() -> impl Strategy<Value = Span> {
    prop_oneof![
        4 => any_words().prop_map(Span::Words),
        1 => any_words().prop_map(Span::Bold),
        1 => "[a-z ]{1,12}".prop_map(Span::Code),
        1 => ("[a-z ]{1,12}", "https://[a-z]{1,12}").prop_map(|(words, url)| Span::Link { words, url }),
        1 => ("[a-z ]{1,12}", "https://[a-z]{1,12}").prop_map(|(name, url)| Span::Author { name, url }),
        1 => "https://[a-z]{1,12}".prop_map(Span::Url),
        1 => "[a-z]{1,8}".prop_map(Span::Tag),
        1 => "[a-z]{1,8}".prop_map(Span::Mention),
    ]
}

fn any_text() -> impl Strategy<Value = Text> {
    let spans = || proptest::collection::vec(any_span(), 0..6);
    let block = prop_oneof![
        spans().prop_map(Block::Line),
        spans().prop_map(Block::Hint),
        spans().prop_map(Block::Entry),
        "([a-z ]{0,40}\n){0,6}".prop_map(Block::Pre),
        "https://[a-z]{1,12}".prop_map(Block::OneBox),
    ];
    proptest::collection::vec(block, 0..8).prop_map(Text)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_piece_fits(text in any_text(), longest in 1usize..60) {
        for piece in split(&text, longest) {
            let plain = piece.plain();
            prop_assert!(plain.chars().count() <= longest, "{plain:?}");
            prop_assert!(!plain.trim().is_empty());
        }
    }

    #[test]
    fn nothing_is_lost_and_the_order_stays(text in any_text(), longest in 42usize..200) {
        // What is longer than a whole message is allowed to end early.
        let short = |span: &Span| match span {
            Span::Words(words) | Span::Bold(words) => words.split_whitespace().all(|word| word.len() <= 32),
            Span::Marked(_) | Span::Code(_) | Span::Link { .. } | Span::Url(_) | Span::Tag(_) | Span::Author { .. } | Span::Mention(_) => true,
        };
        prop_assume!(text.0.iter().all(|block| match block {
            Block::Line(spans) | Block::Hint(spans) | Block::Entry(spans) => spans.iter().all(short),
            Block::Pre(_) | Block::OneBox(_) | Block::Choices(_) => true,
        }));
        prop_assert_eq!(letters(&split(&text, longest)), letters(std::slice::from_ref(&text)));
    }
}
