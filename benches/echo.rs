//! How many `echo`s a second go through the whole loop, beside a bare loop that only parses with clap; and what it costs
//! that they are counted.
//!
//! `cargo bench --bench echo`

mod people;
mod rig;

use std::time::Instant;

use boson::clock::Clock;
use boson::http::Http;
use boson::meter;
use boson::model::Heard;
use boson::model::text::{Block, Span};
use boson::store::Store;
use tokio::sync::mpsc;

/// Messages that are not yet answered.
const FLIGHT: usize = 512;
/// People who talk, all in one room.
const PEOPLE: usize = 64;

fn main() {
    let (messages, rounds) = if rig::measures() {
        (200_000, 7)
    } else {
        (2_000, 1)
    };
    let runtime = rig::runtime();
    let (mut boson, mut bare) = (rig::Rounds::default(), rig::Rounds::default());
    let (mut counted, mut cost) = (rig::Rounds::default(), rig::Rounds::default());
    // In turn, so that what else the machine does hits all.
    for _ in 0..rounds {
        let uncounted = runtime.block_on(through_boson(messages));
        meter::begin();
        let count = runtime.block_on(through_boson(messages));
        meter::end();
        boson.push(uncounted);
        counted.push(count);
        cost.push(uncounted / count);
        bare.push(runtime.block_on(through_a_bare_loop(messages)));
    }
    println!("a bare loop with clap: {}", bare.words("echos/s"));
    println!(
        "Boson is {:.2} of the bare loop",
        boson.median() / bare.median()
    );
    println!("counted: {}", counted.words("echos/s"));
    rig::tell(
        "what counting costs",
        &cost.words("times as long"),
        "at most 1.05",
        cost.median() <= 1.05,
    );
    rig::tell(
        "echo through the whole loop",
        &boson.words("echos/s"),
        "at least 100000",
        boson.median() >= 100_000.0,
    );
}

/// Echos a second; every answer is checked.
async fn through_boson(messages: usize) -> f64 {
    let (http, _stage) = Http::staged(Clock::Real);
    let (bot, room) = rig::bot("bench", Store::memory(), http).await;
    let stop = bot.stopper();
    let people = async move {
        let names: Vec<String> = (0..PEOPLE).map(|n| format!("person{n}")).collect();
        let begun = Instant::now();
        let (mut sent, mut said) = (0, 0);
        while said < messages {
            while sent < messages && sent - said < FLIGHT {
                let line = format!("@boson echo message {sent}");
                let name = &names[sent % PEOPLE];
                let message = room.message("bench", name, &line, Clock::Real.now());
                assert!(room.hear(Heard::Said(message)).await, "the loop has ended");
                sent += 1;
            }
            for spoken in room.wait((sent - said).min(FLIGHT / 2)).await {
                let Some(Block::Line(spans)) = spoken.text.0.first() else {
                    panic!("no line: {:?}", spoken.text);
                };
                let Some(Span::Words(words)) = spans.first() else {
                    panic!("no words: {spans:?}");
                };
                assert_eq!(*words, format!("message {said}"));
                said += 1;
            }
        }
        let rate = messages as f64 / begun.elapsed().as_secs_f64();
        stop.stop();
        rate
    };
    people::run(bot, people).await
}

/// What a program would be that does nothing but echo.
async fn through_a_bare_loop(messages: usize) -> f64 {
    let (ear, mut heard) = mpsc::channel::<String>(4_096);
    let (voice, mut said) = mpsc::channel::<String>(4_096);
    let people = tokio::spawn(async move {
        let begun = Instant::now();
        let (mut sent, mut answered) = (0, 0);
        let mut answers = Vec::with_capacity(FLIGHT);
        while answered < messages {
            while sent < messages && sent - answered < FLIGHT {
                let line = format!("echo message {sent}");
                ear.send(line).await.expect("the loop still runs");
                sent += 1;
            }
            said.recv_many(&mut answers, FLIGHT).await;
            for words in answers.drain(..) {
                assert_eq!(words, format!("message {answered}"));
                answered += 1;
            }
        }
        messages as f64 / begun.elapsed().as_secs_f64()
    });
    let mut grammar = clap::Command::new("echo")
        .no_binary_name(true)
        .arg(clap::Arg::new("words").num_args(1..).required(true))
        .arg(
            clap::Arg::new("upper")
                .long("upper")
                .action(clap::ArgAction::SetTrue),
        );
    grammar.build();
    let mut lines = Vec::with_capacity(FLIGHT);
    while heard.recv_many(&mut lines, FLIGHT).await > 0 {
        for line in lines.drain(..) {
            let matches = grammar
                .try_get_matches_from_mut(line.split_whitespace().skip(1))
                .expect("what is sent can be parsed");
            let words: Vec<&str> = matches
                .get_many::<String>("words")
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            voice
                .send(words.join(" "))
                .await
                .expect("people still listen");
        }
    }
    people.await.expect("people who talk to the end")
}
