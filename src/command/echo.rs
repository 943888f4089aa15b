//! `echo`: says words back; good for trying how words are read.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::text::Span;
use crate::model::{Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Says words back.
#[derive(clap::Args)]
struct Echo {
    /// What to say.
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,
    /// In capital letters.
    #[arg(long)]
    upper: bool,
    /// How many times, 1 to 10.
    #[arg(long, value_name = "N", default_value = "1", value_parser = times)]
    repeat: usize,
}

pub const KIND: CommandKind = Kind {
    name: "echo",
    declare: || declare::<Echo>("echo"),
    page: include_str!("../../man/echo.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn times(text: &str) -> Result<usize, Refusal> {
    match text.parse() {
        Ok(n @ 1..=10) => Ok(n),
        _ => Err(Refusal::new(format!("`{text}` is no number from 1 to 10."))
            .hint("for instance `--repeat 3`")),
    }
}

fn run(matches: &ArgMatches, _: &mut Scene<'_>) -> Result<Text, Trouble> {
    let words: Vec<&str> = matches
        .get_many::<String>("words")
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let mut said = words.join(" ");
    if matches.get_flag("upper") {
        said = said.to_uppercase();
    }
    let times = matches.get_one::<usize>("repeat").copied().unwrap_or(1);
    let mut text = Text::new();
    for _ in 0..times {
        text = text.spans(vec![Span::Words(said.clone())]);
    }
    Ok(text)
}
