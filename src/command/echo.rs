//! `echo`: says words back; good for trying how words are read.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::text::Span;
use crate::model::{Role, Text};
use crate::registry::{self, Kind, declare};
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
    #[arg(long, value_name = "N", default_value = "1", value_parser = registry::whole(1, 10))]
    repeat: u32,
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
    let times = matches.get_one::<u32>("repeat").copied().unwrap_or(1);
    let mut text = Text::new();
    for _ in 0..times {
        text = text.spans(vec![Span::Words(said.clone())]);
    }
    Ok(text)
}
