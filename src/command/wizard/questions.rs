//! The questions of each dialogue, out of the same declarations as the flags: a new source or filter is asked for
//! without a line here.

use clap::Arg;

use super::rare::{self, MORE};
use super::recipes::{self, RECIPE};
use super::{About, lacks, offered, room};
use crate::command::form::{self, SOURCE, capital, choosable};
use crate::command::{self, Scene, change};
use crate::dialogue::{Dialogue, Question};
use crate::filter;
use crate::model::dialogue::{Answers, answer};
use crate::model::{Choosable, Field, FieldKind, Recipe, Tracker, Unsure};
use crate::registry;
use crate::source::{self, SourceKind};
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
/// What waits goes on.
pub const GO_ON: &str = "go on";
/// What is asked of every tracker once it is known what to keep.
pub const OF_ALL: [&str; 4] = ["every", "as", "in", "name"];
/// What can be changed of every tracker.
pub const OF_ONE: [&str; 3] = ["every", "as", "in"];

/// What is asked about something, as these answers turn it. `examples`: it can be shown what would be kept.
pub fn of(scene: &Scene<'_>, about: &About, answers: &Answers, examples: bool) -> Dialogue {
    let (questions, confirms) = match about {
        About::Track => (track(scene, answers, examples), true),
        About::Edit => (edit(scene, answers, examples), true),
        About::Room => (room::questions(scene, answers), true),
        About::Filter => (filter(scene, answers, examples), true),
        About::Sure(..) => (Vec::new(), true),
        About::Lacks(name) => (lacks::questions(scene, name, answers), false),
        About::Other(line) => (vec![other(line)], false),
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

/// What can be watched.
fn watched(scene: &Scene<'_>) -> Vec<Choosable> {
    let mut all = choosable(source::ALL);
    all.extend(recipes::offered(scene));
    all
}

fn track(scene: &Scene<'_>, answers: &Answers, examples: bool) -> Vec<Question> {
    let mut all = vec![Question {
        page: Some("track".into()),
        example: Some("feed".into()),
        ..Question::new(Field {
            name: SOURCE.into(),
            label: "What shall I watch".into(),
            help: None,
            kind: FieldKind::One(watched(scene)),
            value: None,
            needed: true,
            turns: true,
        })
    }];
    if answer(answers, SOURCE) == Some(RECIPE) {
        all.extend(recipes::questions(scene, answers));
        return all;
    }
    let chosen = answer(answers, SOURCE);
    let Some(kind) = source::ALL.iter().find(|kind| Some(kind.name) == chosen) else {
        return all;
    };
    registry::with_declared(kind, |declared| {
        let own = declared.get_arguments();
        all.extend(own.map(|arg| asked(scene, arg, kind, &[], kind.name)));
    });
    all.extend(which(scene, kind, (answers, &[]), examples));
    let mut wishes = wishes(scene, kind, &OF_ALL, &[]);
    for question in &mut wishes {
        match question.field.name.as_str() {
            "every" => {
                question.field.value = Some(usual(scene));
            }
            "in" => question.field.value = Some("here".into()),
            _ => {}
        }
    }
    all.extend(wishes);
    let rare = rare::asked(scene, &command::track::KIND, kind, (answers, &[]));
    all.extend(rare);
    all
}

/// How often is looked where nobody says how often.
fn usual(scene: &Scene<'_>) -> String {
    Every::Interval(scene.trackers.limits().every).to_string()
}

/// Whether an argument of this name says what the source watches.
pub fn is_own(kind: &SourceKind, name: &str) -> bool {
    registry::with_declared(kind, |declared| {
        let mut own = declared.get_arguments();
        own.any(|arg| registry::name_of(arg) == name)
    })
}

fn edit(scene: &Scene<'_>, answers: &Answers, examples: bool) -> Vec<Question> {
    let mut all = vec![offered::trackers(scene, TRACKER, false)];
    if let Some((tracker, kind)) = meant(scene, answers) {
        let has = has(&tracker.recipe);
        all.extend(which(scene, kind, (answers, &has), examples));
        let mut wishes = wishes(scene, kind, &OF_ONE, &has);
        for question in &mut wishes {
            let field = &mut question.field;
            match field.name.as_str() {
                "every" => {
                    field.value.get_or_insert_with(|| usual(scene));
                }
                "in" => {
                    field.value = Some(match tracker.room == *scene.room() {
                        true => "here".into(),
                        false => tracker.room.room.to_string(),
                    });
                }
                _ => {}
            }
        }
        all.extend(wishes);
        all.extend(rare::asked(
            scene,
            &command::edit::KIND,
            kind,
            (answers, &has),
        ));
    }
    all
}

fn filter(scene: &Scene<'_>, answers: &Answers, examples: bool) -> Vec<Question> {
    let mut all = vec![offered::trackers(scene, TRACKER, false)];
    let Some((tracker, kind)) = meant(scene, answers) else {
        return all;
    };
    all.push(Question {
        page: Some("track".into()),
        ..Question::new(Field {
            name: FILTER.into(),
            label: "Which filter".into(),
            help: None,
            kind: FieldKind::One(offered::filters(scene, kind)),
            value: None,
            needed: true,
            turns: true,
        })
    });
    let has = has(&tracker.recipe);
    if let Some(name) = answer(answers, FILTER) {
        all.extend(value(scene, kind, name, &has));
        all.extend(examples.then(fits));
    }
    all
}

/// Whether what waits goes on, or something else begins.
fn other(line: &str) -> Question {
    let line = line.replace(['`', '\n'], " ");
    let all = [
        (GO_ON, "Go on: with what I asked before".to_string()),
        (
            "begin",
            format!("Begin: `{line}`; what I asked before is forgotten").replace('`', ""),
        ),
    ];
    let all = all.map(|(value, label)| Choosable {
        value: value.into(),
        label,
    });
    Question::new(Field {
        name: LINE.into(),
        label: "Which of the two".into(),
        help: Some("I was asking you something else".into()),
        kind: FieldKind::One(all.into()),
        value: None,
        needed: true,
        turns: false,
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

/// What to keep: a query, filters, and whether that is it.
fn which(
    scene: &Scene<'_>,
    kind: &SourceKind,
    (answers, has): (&Answers, &Answers),
    examples: bool,
) -> Vec<Question> {
    let mut all = wishes(scene, kind, &["where"], has);
    let value_of = |name: &str| answer(has, name).map(String::from);
    all.push(Question {
        page: Some("track".into()),
        ..Question::new(Field {
            name: FILTERS.into(),
            label: "What else must hold of it".into(),
            help: Some("Any number of these".into()),
            kind: FieldKind::Many(offered::filters(scene, kind)),
            value: value_of(FILTERS),
            needed: false,
            turns: true,
        })
    });
    let chosen = answers.iter().find(|(name, _)| name == FILTERS);
    let chosen = chosen.map(|(_, chosen)| chosen.clone());
    let chosen = chosen.or_else(|| value_of(FILTERS)).unwrap_or_default();
    for name in chosen.split(',').filter(|name| !name.is_empty()) {
        all.extend(value(scene, kind, name, has));
    }
    let asks = answer(answers, "where").is_some() || answer(answers, FILTERS).is_some();
    all.extend((examples && asks).then(fits));
    all
}

/// What stands behind a filter's flag.
fn value(scene: &Scene<'_>, source: &SourceKind, name: &str, has: &Answers) -> Option<Question> {
    let kind = filter::ALL.iter().find(|kind| kind.name == name)?;
    registry::with_declared(kind, |declared| {
        let arg = declared.get_arguments().next()?;
        let mut question = asked(scene, arg, source, has, kind.name);
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
fn wishes(scene: &Scene<'_>, kind: &SourceKind, names: &[&str], has: &Answers) -> Vec<Question> {
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
            Some(asked(scene, arg, kind, has, page))
        };
        own.filter_map(asked).collect()
    })
}

/// A question as its argument declares it.
pub fn asked(
    scene: &Scene<'_>,
    arg: &Arg,
    kind: &SourceKind,
    has: &Answers,
    page: &str,
) -> Question {
    let mut field = form::field(arg, has);
    match field.name.as_str() {
        "as" => {
            field.label = "How shall it look".into();
            field.help = None;
            field.kind = FieldKind::One(offered::printers(scene, kind));
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
    if recipe.any {
        has.push(("any".into(), "true".into()));
    }
    if recipe.unsure == Unsure::Keep {
        has.push(("unsure".into(), "keep".into()));
    }
    let rare: Vec<&str> = ["any", "unsure", "thread", "expires"]
        .into_iter()
        .filter(|name| answer(&has, name).is_some())
        .collect();
    if !rare.is_empty() {
        has.push((MORE.into(), rare.join(",")));
    }
    let filters: Vec<&str> = recipe.filter.keys().map(String::as_str).collect();
    if !filters.is_empty() {
        has.push((FILTERS.into(), filters.join(",")));
    }
    for (name, values) in &recipe.filter {
        has.push((name.clone(), values.join(", ")));
    }
    has
}
