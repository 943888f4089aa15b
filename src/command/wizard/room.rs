//! What is asked about a room: how it is set, as its command declares it, and who may do more in it than the platform says.

use crate::command::form::{self, capital};
use crate::command::{self, Scene, granted, words};
use crate::dialogue::Question;
use crate::model::dialogue::{Answers, answer};
use crate::model::{Choosable, Field, FieldKind};
use crate::registry;
use crate::store::tables;

/// Which lists of people are to be changed.
const WHO: &str = "who";
/// The most people that one list gets at once.
const MOST: usize = 20;

/// All that is asked, as these answers turn it.
pub fn questions(scene: &Scene<'_>, answers: &Answers) -> Vec<Question> {
    let mut all = settings(scene);
    let lists = lists(scene);
    let labels = lists.iter().map(|(list, now)| Choosable {
        value: (*list).into(),
        label: match now.as_slice() {
            [] => format!("{}: nobody at present", capital(list)),
            now => format!("{}: {} at present", capital(list), now.join(", ")),
        },
    });
    all.push(Question {
        page: Some("grant".into()),
        ..Question::new(Field {
            name: WHO.into(),
            label: "Who may do more here than the platform says".into(),
            help: Some("Choose the lists that shall be others".into()),
            kind: FieldKind::Many(labels.collect()),
            value: None,
            needed: false,
            turns: true,
        })
    });
    let chosen = answer(answers, WHO).unwrap_or_default();
    for (list, now) in lists {
        if chosen.split(',').any(|one| one == list) {
            all.extend(people(list, &now, answers));
        }
    }
    all
}

/// Each setting, as its flag declares it.
fn settings(scene: &Scene<'_>) -> Vec<Question> {
    let chosen = scene.store.get(&tables::CHOSEN, scene.room());
    let has = command::room::has(&chosen.ok().flatten().unwrap_or_default());
    registry::with_declared(&command::room::KIND, |declared| {
        let all = declared.get_arguments();
        let all = all.filter(|arg| {
            let name = registry::name_of(arg);
            name != "without" && granted::role_of(&name).is_none()
        });
        let asked = all.map(|arg| {
            let mut field = form::field(arg, &has);
            let (label, example) = match field.name.as_str() {
                "prefix" => ("Which sign shall call me", Some("!")),
                "zone" => ("Which time zone", Some("Europe/Zurich")),
                "order" => ("Which order of day and month", None),
                "quiet" => ("Which quiet hours", Some("22:00 to 7:00")),
                "unfinished" => ("When shall I ask", None),
                "answers" => ("How shall people answer me", None),
                _ => ("", None),
            };
            if !label.is_empty() {
                field.label = label.into();
            }
            Question {
                example: example.map(String::from),
                page: Some("room".into()),
                ..Question::new(field)
            }
        });
        asked.collect()
    })
}

/// The lists of people that the command takes, each with who stands in it.
fn lists(scene: &Scene<'_>) -> Vec<(&'static str, Vec<String>)> {
    granted::LISTS
        .iter()
        .map(|(list, role)| (*list, granted::names(scene, *role).unwrap_or_default()))
        .collect()
}

/// Who of a list stays in it, and who else comes into it, one after the other.
fn people(list: &'static str, now: &[String], answers: &Answers) -> Vec<Question> {
    let one = list.trim_end_matches('s');
    let mut all = Vec::new();
    if !now.is_empty() {
        let choices = now.iter().map(|name| Choosable {
            value: name.replace(',', " "),
            label: name.clone(),
        });
        all.push(Question {
            page: Some("grant".into()),
            ..Question::new(Field {
                name: list.into(),
                label: format!("Who stays in the list of {list}"),
                help: None,
                kind: FieldKind::Many(choices.collect()),
                value: Some(now.join(",")),
                needed: false,
                turns: false,
            })
        });
    }
    for n in 1..=MOST {
        let name = added(list, n);
        let more = answer(answers, &name).is_some();
        let label = match n {
            1 => format!("Whom shall I make {} {one} here", article(one)),
            _ => "Who else".into(),
        };
        all.push(Question {
            example: Some("Ann".into()),
            page: Some("grant".into()),
            ..Question::new(Field {
                name,
                label,
                help: Some("One person, by name".into()),
                kind: FieldKind::Person,
                value: None,
                needed: false,
                turns: true,
            })
        });
        if !more {
            break;
        }
    }
    all
}

/// The question for one more of a list.
fn added(list: &str, n: usize) -> String {
    format!("{list}+{n}")
}

/// The list that a question is about.
pub fn list_of(question: &str) -> &str {
    question.split('+').next().unwrap_or_default()
}

fn article(word: &str) -> &'static str {
    match word.starts_with('o') {
        true => "an",
        false => "a",
    }
}

/// Only what is different from what the room has chosen.
pub fn line(scene: &Scene<'_>, answers: &Answers) -> String {
    let chosen = scene.store.get(&tables::CHOSEN, scene.room());
    let has = command::room::has(&chosen.ok().flatten().unwrap_or_default());
    let mut line = String::from("room");
    let mut without: Vec<&str> = Vec::new();
    let is_setting = |name: &str| name != WHO && granted::role_of(list_of(name)).is_none();
    for (name, _) in answers.iter().filter(|(name, _)| is_setting(name)) {
        match (answer(&has, name), answer(answers, name)) {
            (before, now) if before == now => {}
            (_, Some(now)) => line.push_str(&format!(" --{name}={}", words::quoted(now))),
            (Some(_), None) => without.push(name),
            (None, None) => {}
        }
    }
    let wanted = answer(answers, WHO).unwrap_or_default();
    for (list, now) in lists(scene) {
        if wanted.split(',').all(|one| one != list) {
            continue;
        }
        let mut people: Vec<String> = match answers.iter().find(|(name, _)| name == list) {
            Some((_, stay)) => stay.split(',').map(String::from).collect(),
            None => now.clone(),
        };
        people.retain(|name| !name.is_empty());
        let more = (1..=MOST).map_while(|n| answer(answers, &added(list, n)));
        people.extend(more.map(|name| name.replace(',', " ")));
        match people.is_empty() {
            _ if people == now => {}
            true => without.push(list),
            false => line.push_str(&format!(" --{list}={}", words::quoted(&people.join(",")))),
        }
    }
    if !without.is_empty() {
        line.push_str(&format!(" --without {}", without.join(",")));
    }
    line
}
