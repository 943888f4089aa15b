//! Dialogues: whatever somebody says, in whatever order, leaves a state that makes sense and can be ended.

use boson::dialogue::{self, Around, Asks, Dialogue, Question, Said};
use boson::model::dialogue::State;
use boson::model::{Choosable, Field, FieldKind};
use boson::when::{Order, Reading};
use proptest::prelude::*;

fn around() -> Around {
    Around {
        reading: Reading {
            now: "2026-11-21T09:00:00Z".parse().unwrap(),
            zone: chrono_tz::UTC,
            order: Order::DayMonth,
        },
        private: false,
    }
}

fn question(name: &str, kind: FieldKind, needed: bool) -> Question {
    Question::new(Field {
        name: name.into(),
        label: name.to_uppercase(),
        help: Some(format!("What is {name}")),
        kind,
        value: None,
        needed,
        turns: false,
    })
}

fn choices(values: &[&str]) -> Vec<Choosable> {
    let all = values.iter().map(|value| Choosable {
        value: (*value).into(),
        label: format!("{}: it is {value}", value.to_uppercase()),
    });
    all.collect()
}

/// One question of nearly every kind; what is asked of a `cat` is not asked of a `dog`.
fn pets(confirms: bool) -> Dialogue {
    let only = |name: &str, answer: &str, question: Question| Question {
        only_if: Some((name.into(), answer.into())),
        ..question
    };
    let usual = |value: &str, mut question: Question| {
        question.field.value = Some(value.into());
        question
    };
    Dialogue {
        questions: vec![
            question("animal", FieldKind::One(choices(&["cat", "dog"])), true),
            only(
                "animal",
                "cat",
                question("lives", FieldKind::Number { least: 1, most: 9 }, true),
            ),
            only(
                "animal",
                "dog",
                question("bark", FieldKind::Many(choices(&["loud", "soft"])), false),
            ),
            only("bark", "loud", question("until", FieldKind::Moment, true)),
            question("name", FieldKind::Line, true),
            question("walk", FieldKind::Length, false),
            usual("every day", question("feed", FieldKind::Schedule, true)),
            question("home", FieldKind::Tick, false),
            question("story", FieldKind::Long, false),
        ],
        confirms,
        strictly: false,
    }
}

fn begun(dialogue: &Dialogue) -> State {
    dialogue::begin(dialogue, "pets", &[], &around()).state
}

fn says(dialogue: &Dialogue, state: &mut State, line: &str) -> Said {
    dialogue::step(dialogue, state, line, &around())
}

/// What must hold of any state.
fn holds(all: &Dialogue, state: &State) -> Result<(), String> {
    let asked = all.dialogue(&state.answers);
    if let Some(at) = &state.at
        && asked.question(at).is_none()
    {
        return Err(format!("it waits for `{at}`, which is not asked"));
    }
    for (name, answer) in &state.answers {
        let Some(question) = asked.question(name) else {
            return Err(format!("`{name}` is answered and not asked"));
        };
        let needed = question.field.needed && answer.is_empty();
        // What is kept can be said again, and means the same.
        let again = match answer.is_empty() {
            true => Ok(String::new()),
            false => dialogue::read::read(question, answer, &around()),
        };
        if needed || again.as_ref().ok() != Some(answer) {
            return Err(format!("`{name}` is {answer:?}, which reads as {again:?}"));
        }
    }
    if state.at.is_none() {
        let open = asked
            .questions
            .iter()
            .find(|question| question.field.needed && state.answer(&question.field.name).is_none());
        if let Some(open) = open {
            return Err(format!("`{}` was never answered", open.field.name));
        }
    }
    Ok(())
}

#[test]
fn one_answer_after_the_other() {
    let pets = pets(true);
    let mut state = begun(&pets);
    assert_eq!(state.at.as_deref(), Some("animal"));
    assert_eq!(says(&pets, &mut state, "1"), Said::Asks);
    assert_eq!(state.at.as_deref(), Some("lives"));
    assert!(matches!(says(&pets, &mut state, "ten"), Said::Wrong(_)));
    assert_eq!((state.wrong, state.at.as_deref()), (1, Some("lives")));
    assert_eq!(
        says(&pets, &mut state, "9; Tom; skip; skip; yes"),
        Said::Asks
    );
    assert_eq!((state.wrong, state.at.as_deref()), (0, Some("story")));
    assert_eq!(says(&pets, &mut state, "?"), Said::Explains);
    // All of it is one answer.
    assert_eq!(says(&pets, &mut state, "first; then\nlast"), Said::Asks);
    assert_eq!(state.answer("story"), Some("first; then\nlast"));
    assert_eq!(state.at, None);
    assert_eq!(state.answer("feed"), Some("every day"));
    assert_eq!(says(&pets, &mut state, "summary"), Said::Sums);
    assert!(matches!(says(&pets, &mut state, "no"), Said::Wrong(_)));
    // The number of an answer changes it.
    assert_eq!(says(&pets, &mut state, "3"), Said::Asks);
    assert_eq!(state.at.as_deref(), Some("name"));
    assert_eq!(says(&pets, &mut state, "Felix"), Said::Asks);
    assert_eq!(says(&pets, &mut state, "Yes!"), Said::Done);
    assert_eq!(state.answer("name"), Some("Felix"));
}

#[test]
fn who_goes_back_changes_what_is_asked() {
    let pets = pets(true);
    let mut state = begun(&pets);
    says(&pets, &mut state, "cat; 7; Tom");
    for _ in 0..3 {
        assert_eq!(says(&pets, &mut state, "back"), Said::Asks);
    }
    assert_eq!(state.at.as_deref(), Some("animal"));
    assert!(matches!(says(&pets, &mut state, "back"), Said::Wrong(_)));
    // An answer that is left as it is stays.
    says(&pets, &mut state, "skip");
    assert_eq!(state.at.as_deref(), Some("lives"));
    says(&pets, &mut state, "back");
    says(&pets, &mut state, "dog");
    assert_eq!(state.answer("lives"), None);
    assert_eq!(state.at.as_deref(), Some("bark"));
    says(&pets, &mut state, "1");
    assert_eq!(state.at.as_deref(), Some("until"));
    assert!(matches!(says(&pets, &mut state, "skip"), Said::Wrong(_)));
    says(&pets, &mut state, "tomorrow at 9");
    assert_eq!(state.at.as_deref(), Some("name"));
}

#[test]
fn what_is_known_is_not_asked() {
    let pets = pets(false);
    let given = [
        ("bark", "loud"),
        ("animal", "dog"),
        ("name", "Rex"),
        ("walk", "soon"),
        ("x", "y"),
    ];
    let given = given.map(|(name, answer)| (name.to_string(), answer.to_string()));
    let mut state = dialogue::begin(&pets, "pets", &given, &around()).state;
    assert_eq!(state.at.as_deref(), Some("until"));
    assert_eq!(state.answer("walk"), None, "it was no length of time");
    let said = says(&pets, &mut state, "1 december; none; every hour; no; skip");
    assert_eq!(said, Said::Done, "nothing is to be confirmed");
    assert_eq!(holds(&pets, &state), Ok(()));
}

#[test]
fn a_question_without_answers_is_confirmed_or_not() {
    let sure = Dialogue {
        questions: Vec::new(),
        confirms: true,
        strictly: false,
    };
    for (said, came) in [
        ("yes", Said::Done),
        ("no", Said::Cancelled),
        ("cancel", Said::Cancelled),
    ] {
        let mut state = dialogue::begin(&sure, "sure", &[], &around()).state;
        assert_eq!(says(&sure, &mut state, said), came);
    }
    let mut state = dialogue::begin(&sure, "sure", &[], &around()).state;
    assert!(matches!(says(&sure, &mut state, "1"), Said::Wrong(_)));
}

#[test]
fn a_log_has_no_answers() {
    let pets = pets(true);
    let mut state = begun(&pets);
    says(&pets, &mut state, "cat; 7; Tom");
    assert!(!format!("{state:?}").contains("Tom"));
}

fn line() -> impl Strategy<Value = String> {
    let words = "back|skip|\\?|cancel|summary|none|yes|no|1|2|3|7|cat|dog|loud|loud, soft|1-2|all|Tom|2 hours|every hour|\
                 tomorrow at 9|\"back\"|; ;|a;b|-|#2|9\\.|.{0,6}";
    prop::collection::vec(words, 1..4).prop_map(|pieces| pieces.join("; "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_leaves_a_state_that_holds(
        lines in prop::collection::vec((line(), any::<bool>()), 0..40),
        confirms in any::<bool>(),
    ) {
        let pets = pets(confirms);
        let mut state = begun(&pets);
        for (line, restarts) in lines {
            if restarts {
                let kept = serde_json::to_string(&state).unwrap();
                let read: State = serde_json::from_str(&kept).unwrap();
                prop_assert_eq!(&read, &state);
                state = read;
            }
            let before = state.clone();
            let said = says(&pets, &mut state, &line);
            prop_assert_eq!(holds(&pets, &state), Ok(()), "after {:?}", line);
            match said {
                Said::Done => {
                    prop_assert_eq!(&state.at, &None);
                    state = begun(&pets);
                }
                Said::Cancelled => state = begun(&pets),
                Said::Wrong(refusal) => {
                    prop_assert!(!refusal.what.is_empty());
                    prop_assert!(state.wrong > 0);
                }
                Said::Explains | Said::Sums => prop_assert!(state.wrong <= before.wrong),
                Said::Asks => prop_assert_eq!(state.wrong, 0),
            }
        }
        // From wherever somebody is, straight answers lead to the end.
        for _ in 0..40 {
            let answer = match state.at.as_deref() {
                None => "yes",
                Some("animal") => "cat",
                Some("lives") => "9",
                Some("until") => "tomorrow",
                Some("name") => "Tom",
                Some(_) => "skip",
            };
            if says(&pets, &mut state, answer) == Said::Done {
                return Ok(());
            }
        }
        prop_assert!(false, "no end: {:?}", state);
    }
}

/// A dialogue that asks for a password between other things.
fn safe() -> Dialogue {
    Dialogue {
        questions: vec![
            question("name", FieldKind::Line, true),
            question("password", FieldKind::Secret, true),
            question("size", FieldKind::Number { least: 1, most: 9 }, true),
        ],
        confirms: true,
        strictly: false,
    }
}

fn alone() -> Around {
    Around {
        private: true,
        ..around()
    }
}

#[test]
fn a_secret_is_kept_in_memory_and_nowhere_else() {
    let safe = safe();
    let mut state = begun(&safe);
    // What stands behind it may be it.
    let said = dialogue::step(&safe, &mut state, "quit; open sesame", &alone());
    assert_eq!(said, Said::Cancelled);
    let said = dialogue::step(&safe, &mut state, "none; open sesame", &alone());
    assert!(matches!(said, Said::Wrong(_)) && state.rest.is_empty());
    dialogue::step(&safe, &mut state, "vault", &alone());
    assert_eq!(state.at.as_deref(), Some("password"));
    assert!(matches!(
        says(&safe, &mut state, "open sesame"),
        Said::Wrong(_)
    ));
    assert!(state.secrets.is_empty(), "others read along");
    // All of it is the secret.
    let said = dialogue::step(&safe, &mut state, "open; sesame", &alone());
    assert_eq!(said, Said::Asks);
    assert_eq!(state.answer("password"), Some("open; sesame"));
    assert_eq!(state.at.as_deref(), Some("size"));
    let written = serde_json::to_string(&state).unwrap();
    assert!(!written.contains("sesame"), "{written}");
    assert!(!format!("{state:?}").contains("sesame"));
    assert_eq!(dialogue::step(&safe, &mut state, "3", &alone()), Said::Asks);
    let shown = dialogue::summary(&safe, &state, &around().reading).plain();
    assert!(
        shown.contains("•••") && !shown.contains("sesame"),
        "{shown}"
    );
    assert_eq!(
        dialogue::step(&safe, &mut state.clone(), "yes", &alone()),
        Said::Done
    );
    // Another process has not heard it, and asks again.
    let mut read: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    assert_eq!(
        dialogue::step(&safe, &mut read, "yes", &alone()),
        Said::Asks
    );
    assert_eq!(read.at.as_deref(), Some("password"));
    dialogue::step(&safe, &mut read, "again", &alone());
    assert_eq!((read.at.as_deref(), read.answer("size")), (None, Some("3")));
    assert_eq!(
        dialogue::step(&safe, &mut read, "yes", &alone()),
        Said::Done
    );
}

#[test]
fn what_stands_behind_something_unclear_comes_after_it() {
    let pets = pets(true);
    let mut state = begun(&pets);
    assert!(matches!(
        says(&pets, &mut state, "cat; many; Tom; skip"),
        Said::Wrong(_)
    ));
    assert_eq!(
        (state.at.as_deref(), state.rest.as_str()),
        (Some("lives"), "Tom; skip")
    );
    // Whoever only asks what is wanted keeps it.
    assert_eq!(says(&pets, &mut state, "?"), Said::Explains);
    assert_eq!(says(&pets, &mut state, "9"), Said::Asks);
    assert_eq!(state.answer("name"), Some("Tom"));
    assert_eq!(
        (state.at.as_deref(), state.rest.as_str()),
        (Some("feed"), "")
    );
    // Whoever says it anew means that.
    assert!(matches!(
        says(&pets, &mut state, "never ever; yes"),
        Said::Wrong(_)
    ));
    assert_eq!(says(&pets, &mut state, "every hour; no; short"), Said::Asks);
    assert_eq!((state.at.as_deref(), state.answer("home")), (None, None));
    // Whoever goes back wants it otherwise.
    let mut state = begun(&pets);
    assert!(matches!(
        says(&pets, &mut state, "cat; many; Tom"),
        Said::Wrong(_)
    ));
    assert_eq!(says(&pets, &mut state, "back"), Said::Asks);
    assert_eq!(
        (state.at.as_deref(), state.rest.as_str()),
        (Some("animal"), "")
    );
}
