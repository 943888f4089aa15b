//! What can be chosen here: a choice that nobody could use is not offered.

use super::questions::FILTERS;
use crate::command::form::{self, choosable};
use crate::command::{Scene, change};
use crate::dialogue::Question;
use crate::filter;
use crate::model::facts::{self, ALL, MARKS};
use crate::model::{Choosable, Field, FieldKind};
use crate::printer;
use crate::source::SourceKind;

/// The most trackers that are offered one by one.
const OFFERED: usize = 20;

/// The filters that make sense for what a source gives, and whose facts can be known here.
pub fn filters(scene: &Scene<'_>, kind: &SourceKind) -> Vec<Choosable> {
    let mut all = choosable(filter::ALL);
    all.retain(|one| {
        let fact = facts::find(&one.value).map(|fact| &ALL[fact]);
        let mark = facts::find_mark("is", &one.value).map(|mark| &MARKS[mark]);
        let from = fact
            .map(|fact| fact.from)
            .or(mark.as_ref().map(|mark| mark.from));
        let reader = fact.and_then(|fact| fact.reader());
        let reader = reader.or_else(|| mark.and_then(|mark| mark.reader()));
        let given = from.is_none_or(|from| facts::is_given(from, kind.name));
        given && is_set(scene, reader) && !form::declares(kind, &one.value)
    });
    for one in &mut all {
        one.label = one.label.replace(": Keep ", ": ");
    }
    all
}

/// The printers that have words of their own for what a source gives.
pub fn printers(scene: &Scene<'_>, kind: &SourceKind) -> Vec<Choosable> {
    let suits = |name: &str| {
        let printer = printer::build(name).ok();
        let from = printer.map_or(&[][..], |printer| printer.sources());
        let fact = facts::find(name).filter(|_| !from.is_empty());
        let reader = fact.and_then(|fact| ALL[fact].reader());
        facts::is_given(from, kind.name) && is_set(scene, reader)
    };
    let mut all = choosable(printer::ALL);
    all.retain(|one| suits(&one.value));
    all
}

/// Whether what is looked up can be: the operator may not have said where.
fn is_set(scene: &Scene<'_>, reader: Option<&str>) -> bool {
    reader.is_none_or(|reader| !scene.trackers.readers().is_unset(reader))
}

/// What is said of a filter's flag, without the flags of the others.
pub fn is_filter(name: &str) -> bool {
    name != FILTERS && filter::names().any(|filter| filter == name)
}

/// Which tracker of the room is meant; `all`: also those of others.
pub fn trackers(scene: &Scene<'_>, name: &str, all: bool) -> Question {
    let own = scene.trackers.of_room(scene.room());
    let own = own.filter(|tracker| all || change::own(scene, tracker.name.as_str()).is_ok());
    let names: Vec<Choosable> = own
        .take(OFFERED + 1)
        .map(|tracker| Choosable {
            value: tracker.name.to_string(),
            label: format!(
                "{}: {}",
                tracker.name,
                scene.trackers.source_name(tracker.id)
            ),
        })
        .collect();
    let (kind, help) = match names.len() {
        1..=OFFERED => (FieldKind::One(names), None),
        // They are too many to be read here.
        _ => (FieldKind::Line, Some("Its name; `list` shows them".into())),
    };
    Question {
        page: Some("list".into()),
        ..Question::new(Field {
            name: name.into(),
            label: "Which tracker".into(),
            help,
            kind,
            value: None,
            needed: true,
            turns: true,
        })
    }
}
