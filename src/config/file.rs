//! The text of a config file, or why there is none.

use std::io::Read;
use std::path::Path;

use crate::model::Mistake;

/// The largest config file in bytes.
const LARGEST: u64 = 1024 * 1024;

/// Why there is no text of a file.
pub enum Closed {
    Missing,
    Unreadable(std::io::Error),
    TooLarge,
    NoText { line: usize, column: usize },
}

pub fn open(path: &Path) -> Result<String, Closed> {
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Closed::Missing,
        _ => Closed::Unreadable(error),
    })?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Closed::Unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Closed::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let (text, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let text = String::from_utf8_lossy(text);
        Closed::NoText {
            line: text.matches('\n').count() + 1,
            column: text
                .rsplit('\n')
                .next()
                .map_or(0, |line| line.chars().count())
                + 1,
        }
    })
}

impl Closed {
    pub fn mistake(self, file: String) -> Mistake {
        let whole = |what: String, hint: Option<&str>| Mistake {
            file: file.clone(),
            line: 0,
            column: 0,
            what,
            hint: hint.map(String::from),
        };
        match self {
            Closed::Missing => whole("there is no such file".into(), None),
            Closed::Unreadable(error) => whole(format!("it cannot be read: {error}"), None),
            Closed::TooLarge => whole("it is larger than a MiB".into(), None),
            Closed::NoText { line, column } => Mistake {
                line,
                column,
                ..whole(
                    "this is no UTF-8 text".into(),
                    Some("save the file as UTF-8"),
                )
            },
        }
    }
}
