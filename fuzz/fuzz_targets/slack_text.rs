//! Whatever stands in a text of Slack, what was typed comes out of it, and nothing is decoded twice.
#![cfg_attr(not(test), no_main)]

use boson::room::slack::incoming::{Names, mentioned, words};

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut names = Names::default();
    let found = mentioned(&text);
    for person in &found.people {
        names.people.insert(person.clone(), "Ann Other".into());
    }
    for channel in found.channels.keys() {
        names.channels.insert(channel.clone(), "general".into());
    }
    let typed = words(&text, &names);
    assert_eq!(typed, words(&text, &names));
    for person in found.people {
        assert!(typed.contains("@Ann Other"), "{person} was mentioned");
    }
    // What was typed is what comes out, once it was escaped; but for the signs that clients put in the place of others.
    let changed = |c: char| {
        matches!(
            c,
            '\u{201c}'
                | '\u{201d}'
                | '\u{201e}'
                | '\u{2018}'
                | '\u{2019}'
                | '\u{201a}'
                | '\u{2014}'
                | '\u{a0}'
        )
    };
    let plain: String = text.chars().filter(|c| !changed(*c)).collect();
    let escaped = plain
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    assert_eq!(words(&escaped, &names), plain);
}
