//! The questions of each dialogue, out of the same declarations as the flags: a new source or filter is asked for
//! without a line here.

use clap::Arg;

use super::About;
use crate::command::form::{self, SOURCE, capital, choosable};
use crate::command::{self, Scene, change};
use crate::dialogue::{Dialogue, Question};
use crate::filter;
use crate::model::dialogue::{Answers, answer};
use crate::model::facts::{self, ALL, MARKS};
use crate::model::{Choosable, Field, FieldKind, Recipe, Tracker};
use crate::registry;
use crate::source::{self, SourceKind};
use crate::store::tables;
use crate::when::Every;

/// Which tracker is meant.
pub const TRACKER: &str = "tracker";
/// Which filters are set.
pub const FILTERS: &str = "filters";
/// Which single filter is set.
pub const FILTER: &str = "filter";
/// Whether what it would have kept is what was wanted.
pub const FITS: &str = "fits";
/// Which line is meant.
pub const LINE: &str = "line";
/// What is asked of every tracker once it is known what to keep.
pub const OF_ALL: [&str; 4] = ["every", "as", "in", "name"];
/// What can be changed of every tracker.
pub const OF_ONE: [&str; 4] = ["every", "as", "thread", "in"];
/// The most trackers that are offered one by one.
const OFFERED: usize = 20;

/// What is asked about something, as these answers turn it. `examples`: it can be shown what would be kept.
pub fn of(scene: &Scene<'_>, about: &About, answers: &Answers, examples: bool) -> Dialogue {
    let (questions, confirms) = match about {
        About::Track => (track(scene, answers, examples), true),
        About::Edit => (edit(scene, answers, examples), true),
        About::Room => (room(scene), true),
        About::Filter => (filter(scene, answers, examples), true),
        About::Sure(..) => (Vec::new(), true),
        About::Instead(lines) => match lines.as_slice() {
            [_] => (Vec::new(), true),
            lines => (vec![instead(lines)], false),
        },
    };
    Dialogue {
        questions,
        confirms,
        strictly: matches!(about, About::Sure(..)),
    }
}

fn track(scene: &Scene<'_>, answers: &Answers, examples: bool) -> Vec<Question> {
    let mut all = vec![Question {
        page: Some("track".into()),
        example: Some("feed".into()),
        ..Question::new(Field {
            name: SOURCE.into(),
            label: "What shall I watch".into(),
            help: None,
            kind: FieldKind::One(choosable(source::ALL)),
            value: None,
            needed: true,
            turns: true,
        })
    }];
    let chosen = answer(answers, SOURCE);
    let Some(kind) = source::ALL.iter().find(|kind| Some(kind.name) == chosen) else {
        return all;
    };
    registry::with_declared(kind, |declared| {
        let own = declared.get_arguments();
        all.extend(own.map(|arg| asked(arg, kind, &[], kind.name)));
    });
    all.extend(which(kind, answers, &[], examples));
    let mut wishes = wishes(kind, &OF_ALL, &[]);
    for question in &mut wishes {
        match question.field.name.as_str() {
            "every" => {
                let usual = Every::Interval(scene.trackers.limits().every);
                question.field.value = Some(usual.to_string());
            }
            "in" => question.field.value = Some("here".into()),
            _ => {}
        }
    }
    all.extend(wishes);
    let typed = typed(kind, answers, &all);
    all.extend(typed);
    all
}

/// What is not asked, but was typed: it is repeated, and can be changed.
fn typed(kind: &SourceKind, answers: &Answers, others: &[Question]) -> Vec<Question> {
    let offered = filters(kind);
    registry::with_declared(&command::track::KIND, |grammar| {
        let part = grammar.find_subcommand(kind.name);
        let args = part.into_iter().flat_map(clap::Command::get_arguments);
        let typed = args.filter(|arg| {
            let name = registry::name_of(arg);
            let is_asked = others.iter().any(|question| question.field.name == name);
            let is_offered = offered.iter().any(|one| one.value == name);
            answers.iter().any(|(known, _)| *known == name) && !is_asked && !is_offered
        });
        typed.map(|arg| asked(arg, kind, &[], "track")).collect()
    })
}

/// Whether an argument of this name says what the source watches.
pub fn is_own(kind: &SourceKind, name: &str) -> bool {
    registry::with_declared(kind, |declared| {
        let mut own = declared.get_arguments();
        own.any(|arg| registry::name_of(arg) == name)
    })
}

fn edit(scene: &Scene<'_>, answers: &Answers, examples: bool) -> Vec<Question> {
    let mut all = vec![tracker(scene)];
    if let Some((tracker, kind)) = meant(scene, answers) {
        let has = has(&tracker.recipe);
        all.extend(which(kind, answers, &has, examples));
        let threads = scene.trackers.has_threads(scene.room());
        let mut wishes = wishes(kind, &OF_ONE, &has);
        wishes.retain(|question| question.field.name != "thread" || threads);
        for question in wishes
            .iter_mut()
            .filter(|question| question.field.name == "in")
        {
            question.field.value = Some(match tracker.room == *scene.room() {
                true => "here".into(),
                false => tracker.room.room.clone(),
            });
        }
        all.extend(wishes);
    }
    all
}

fn filter(scene: &Scene<'_>, answers: &Answers, examples: bool) -> Vec<Question> {
    let mut all = vec![tracker(scene)];
    let Some((tracker, kind)) = meant(scene, answers) else {
        return all;
    };
    all.push(Question {
        page: Some("track".into()),
        ..Question::new(Field {
            name: FILTER.into(),
            label: "Which filter".into(),
            help: None,
            kind: FieldKind::One(filters(kind)),
            value: None,
            needed: true,
            turns: true,
        })
    });
    let has = has(&tracker.recipe);
    if let Some(name) = answer(answers, FILTER) {
        all.extend(value(kind, name, &has));
        all.extend(examples.then(fits));
    }
    all
}

/// What a room can choose, as its command declares it.
fn room(scene: &Scene<'_>) -> Vec<Question> {
    let chosen = scene.store.get(&tables::CHOSEN, scene.room());
    let has = command::room::has(&chosen.ok().flatten().unwrap_or_default());
    registry::with_declared(&command::room::KIND, |declared| {
        let all = declared.get_arguments();
        let all = all.filter(|arg| registry::name_of(arg) != "without");
        let asked = all.map(|arg| {
            let mut field = form::field(arg, &has);
            let example = match field.name.as_str() {
                "prefix" => {
                    field.label = "Which sign shall call me".into();
                    Some("!")
                }
                "zone" => {
                    field.label = "Which time zone".into();
                    Some("Europe/Zurich")
                }
                "order" => {
                    field.label = "Which order of day and month".into();
                    None
                }
                "quiet" => {
                    field.label = "Which quiet hours".into();
                    Some("22:00 to 7:00")
                }
                "unfinished" => {
                    field.label = "When shall I ask".into();
                    None
                }
                _ => None,
            };
            Question {
                example: example.map(String::from),
                page: Some("room".into()),
                ..Question::new(field)
            }
        });
        asked.collect()
    })
}

fn instead(lines: &[String]) -> Question {
    let lines = lines.iter().map(|line| Choosable {
        value: line.clone(),
        label: line.replace('\n', " "),
    });
    Question::new(Field {
        name: LINE.into(),
        label: "Which did you mean".into(),
        help: None,
        kind: FieldKind::One(lines.collect()),
        value: None,
        needed: true,
        turns: false,
    })
}

/// The tracker that is talked about, with its source.
pub fn meant(scene: &Scene<'_>, answers: &Answers) -> Option<(Tracker, &'static SourceKind)> {
    let tracker = change::own(scene, answer(answers, TRACKER)?).ok()?;
    let kind = &tracker.recipe.source.kind;
    let kind = source::ALL.iter().find(|known| known.name == *kind)?;
    Some((tracker, kind))
}

fn tracker(scene: &Scene<'_>) -> Question {
    let own = scene.trackers.of_room(scene.room());
    let own = own.filter(|tracker| change::own(scene, tracker.name.as_str()).is_ok());
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
    let kind = match names.len() {
        1..=OFFERED => FieldKind::One(names),
        _ => FieldKind::Line,
    };
    Question {
        page: Some("list".into()),
        ..Question::new(Field {
            name: TRACKER.into(),
            label: "Which tracker".into(),
            help: None,
            kind,
            value: None,
            needed: true,
            turns: true,
        })
    }
}

/// What to keep: a query, filters, and whether that is it.
fn which(kind: &SourceKind, answers: &Answers, has: &Answers, examples: bool) -> Vec<Question> {
    let mut all = wishes(kind, &["where"], has);
    let value_of = |name: &str| answer(has, name).map(String::from);
    all.push(Question {
        page: Some("track".into()),
        ..Question::new(Field {
            name: FILTERS.into(),
            label: "What else must hold of it".into(),
            help: Some("Any number of these".into()),
            kind: FieldKind::Many(filters(kind)),
            value: value_of(FILTERS),
            needed: false,
            turns: true,
        })
    });
    let chosen = answers.iter().find(|(name, _)| name == FILTERS);
    let chosen = chosen.map(|(_, chosen)| chosen.clone());
    let chosen = chosen.or_else(|| value_of(FILTERS)).unwrap_or_default();
    for name in chosen.split(',').filter(|name| !name.is_empty()) {
        all.extend(value(kind, name, has));
    }
    let asks = answer(answers, "where").is_some() || answer(answers, FILTERS).is_some();
    all.extend((examples && asks).then(fits));
    all
}

/// The filters that make sense for what a source gives.
pub fn filters(kind: &SourceKind) -> Vec<Choosable> {
    let mut all = choosable(filter::ALL);
    all.retain(|one| {
        let mark = facts::find_mark("is", &one.value).map(|mark| MARKS[mark].from);
        let from = facts::find(&one.value).map(|fact| ALL[fact].from).or(mark);
        let given = from.is_none_or(|from| facts::is_given(from, kind.name));
        given && !form::declares(kind, &one.value)
    });
    for one in &mut all {
        one.label = one.label.replace(": Keep ", ": ");
    }
    all
}

/// What stands behind a filter's flag.
fn value(source: &SourceKind, name: &str, has: &Answers) -> Option<Question> {
    let kind = filter::ALL.iter().find(|kind| kind.name == name)?;
    registry::with_declared(kind, |declared| {
        let arg = declared.get_arguments().next()?;
        let mut question = asked(arg, source, has, kind.name);
        question.field.needed = true;
        question.field.help = Some(kind.about());
        Some(question)
    })
}

fn fits() -> Question {
    let all = [
        ("yes", "Yes: that is what I want"),
        ("narrower", "Narrower: it is too much"),
        ("wider", "Wider: it is too little"),
    ];
    let all = all.map(|(value, label)| Choosable {
        value: value.into(),
        label: label.into(),
    });
    Question {
        passing: true,
        ..Question::new(Field {
            name: FITS.into(),
            label: "Is that what you want".into(),
            help: None,
            kind: FieldKind::One(all.into()),
            value: Some("yes".into()),
            needed: true,
            turns: false,
        })
    }
}

/// What is asked of every tracker that its source does not ask itself.
fn wishes(kind: &SourceKind, names: &[&str], has: &Answers) -> Vec<Question> {
    let own = names.iter().filter(|name| !form::declares(kind, name));
    registry::with_declared(&crate::command::track::KIND, |grammar| {
        let asked = |name: &&str| {
            let arg = form::of(grammar, kind, name)?;
            let page = match *name {
                "where" => "query",
                "every" => "times",
                "as" => "line",
                _ => "track",
            };
            Some(asked(arg, kind, has, page))
        };
        own.filter_map(asked).collect()
    })
}

/// A question as its argument declares it.
fn asked(arg: &Arg, kind: &SourceKind, has: &Answers, page: &str) -> Question {
    let mut field = form::field(arg, has);
    match field.name.as_str() {
        "as" => {
            field.label = "How shall it look".into();
            field.help = None;
            field.kind = FieldKind::One(choosable(crate::printer::ALL));
            field.value.get_or_insert_with(|| "line".into());
        }
        "where" => {
            field.label = format!("Which {} shall I tell", thing(kind));
            field.help = Some("Words that must be there, or a query".into());
        }
        "every" => field.label = "How often".into(),
        "in" => {
            field.label = "Where shall I tell it".into();
            field.help = Some("This room, or another that I am in".into());
        }
        "name" => {
            field.label = "What shall it be called".into();
            field.help = Some("A short name; otherwise I find one".into());
        }
        _ => field.label = capital(&field.label),
    }
    if field.name == "every" {
        field.help = Some("After so much time, or at what times of day".into());
    }
    let takes = arg.get_value_names().and_then(|names| names.first());
    let example = match (field.name.as_str(), takes.map(|name| name.as_str())) {
        ("where", _) => Some("\"borrow checker\" -homework"),
        ("name", _) => Some("news"),
        (_, Some("URL")) => Some("https://blog.rust-lang.org/feed.xml"),
        (_, Some("SITE")) => Some("stackoverflow"),
        (_, Some("SITES")) => Some("beer,coffee"),
        (_, Some("WHEN")) => Some("every day at 9:00"),
        (_, Some("ROOM")) => Some("#news"),
        (_, Some("RANGE")) => Some(">50"),
        (_, Some("TIME")) => Some("2 days"),
        (_, Some("NAME")) => Some("Ann"),
        (_, Some("TAGS")) => Some("rust,go"),
        (_, Some("WORDS")) => Some("release notes"),
        (_, Some("PATTERN")) => Some("async.*await"),
        (_, Some("NUMBERS" | "POSTS")) => Some("811,7"),
        (_, Some("YES-OR-NO")) => Some("yes"),
        _ => None,
    };
    Question {
        example: example.map(String::from),
        page: Some(page.into()),
        ..Question::new(field)
    }
}

/// What a source gives, in the plural.
fn thing(kind: &SourceKind) -> &'static str {
    match kind.name {
        "feed" => "posts",
        name => name,
    }
}

/// What a recipe says to the questions about it.
pub fn has(recipe: &Recipe) -> Vec<(String, String)> {
    let mut has = form::has(recipe);
    let filters: Vec<&str> = recipe.filter.keys().map(String::as_str).collect();
    if !filters.is_empty() {
        has.push((FILTERS.into(), filters.join(",")));
    }
    for (name, values) in &recipe.filter {
        has.push((name.clone(), values.join(", ")));
    }
    has
}
