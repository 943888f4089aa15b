//! `man`: the manual, one page at a time.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, manual};
use crate::man::Page;
use crate::model::{Refusal, Role, Text};
use crate::registry::{self, Kind, declare};
use crate::tracker::Trouble;

/// Shows a page of the manual.
#[derive(clap::Args)]
struct Man {
    /// The page: a command, a filter, a printer, a source, or a topic such as `times`.
    #[arg(value_name = "PAGE")]
    page: Option<String>,
}

pub const KIND: CommandKind = Kind {
    name: "man",
    declare: || declare::<Man>("man"),
    page: include_str!("../../man/man.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, _: &mut Scene<'_>) -> Result<Text, Trouble> {
    match matches.get_one::<String>("page") {
        Some(name) => Ok(page(name)?.text()),
        None => Ok(contents()),
    }
}

/// The page called `name`.
///
/// # Errors
/// A refusal with the nearest page.
pub fn page(name: &str) -> Result<Page, Refusal> {
    let pages = manual::pages();
    if let Some(page) = pages
        .iter()
        .find(|page| page.name.eq_ignore_ascii_case(name))
    {
        return Ok(page.read());
    }
    let refusal = Refusal::new(format!(
        "The manual has no page called `{}`.",
        crate::model::text::cut(&name.replace('`', "'"), 40)
    ));
    Err(
        match registry::nearest(name, pages.iter().map(|page| page.name)) {
            Some(near) => refusal.hint(format!("did you mean `man {near}`?")),
            None => refusal.hint("`man` lists the pages"),
        },
    )
}

/// The list of all pages.
pub fn contents() -> Text {
    let mut text = Text::new();
    for (chapter, pages) in manual::chapters() {
        let names: Vec<&str> = pages.iter().map(|page| page.name).collect();
        text = text.and(format!("{}: {}", chapter.name(), names.join(", ")));
    }
    text.hint("`man PAGE` shows one")
}
