//! Values of settings: from what stands in the file to what it means.

use std::path::PathBuf;
use std::time::Duration;

use chrono_tz::Tz;
use toml::de::DeValue;

use crate::model::Refusal;
use crate::model::text::{cut, harmless};
use crate::registry;
use crate::when;

/// Why a value does not do.
pub struct Wrong {
    /// What stands after "`timeout` in [http]".
    pub what: String,
    pub hint: Option<String>,
}

impl Wrong {
    pub fn new(what: impl Into<String>) -> Wrong {
        Wrong {
            what: what.into(),
            hint: None,
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Wrong {
        self.hint = Some(hint.into());
        self
    }

    /// `word` is none of `names`.
    pub fn among<'a>(
        what: &str,
        word: &str,
        names: impl Iterator<Item = &'a str> + Clone,
    ) -> Wrong {
        let wrong = Wrong::new(format!("{what}: \"{}\"", show(word)));
        match registry::nearest(word, names.clone()) {
            Some(near) => wrong.hint(format!("did you mean \"{near}\"?")),
            None => {
                let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
                wrong.hint(format!("it can be {}", names.join(", ")))
            }
        }
    }

    fn kind(wanted: &str, value: &DeValue) -> Wrong {
        Wrong::new(format!("must be {wanted}, not {}", kind_of(value)))
    }
}

impl From<Refusal> for Wrong {
    fn from(refusal: Refusal) -> Wrong {
        Wrong {
            what: format!("does not fit: {}", refusal.what.trim_end_matches('.')),
            hint: refusal.hint,
        }
    }
}

/// A word of the file as a message shows it: short and harmless.
pub fn show(word: &str) -> String {
    cut(&harmless(word), 40).replace('`', "'")
}

/// What a value is, in words.
pub fn kind_of(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}

/// A text that is not empty.
pub fn text(value: &DeValue) -> Result<String, Wrong> {
    match value {
        DeValue::String(text) if text.trim().is_empty() => Err(Wrong::new("is empty")),
        DeValue::String(text) => Ok(text.to_string()),
        other => Err(Wrong::kind("a text in quotes", other)),
    }
}

/// Several texts.
pub fn texts(value: &DeValue) -> Result<Vec<String>, Wrong> {
    let wrong =
        |value| Wrong::kind("a list of texts", value).hint("for instance [\"ann\", \"bob\"]");
    match value {
        DeValue::Array(values) => values
            .iter()
            .map(|value| text(value.get_ref()).map_err(|_| wrong(value.get_ref())))
            .collect(),
        other => Err(wrong(other)),
    }
}

pub fn path(value: &DeValue) -> Result<PathBuf, Wrong> {
    text(value).map(PathBuf::from)
}

pub fn flag(value: &DeValue) -> Result<bool, Wrong> {
    match value {
        DeValue::Boolean(yes) => Ok(*yes),
        other => Err(Wrong::kind("true or false", other)),
    }
}

/// A whole number within these bounds.
pub fn whole(least: u64, most: u64) -> impl Fn(&DeValue) -> Result<u64, Wrong> {
    move |value| {
        let DeValue::Integer(number) = value else {
            return Err(Wrong::kind("a whole number", value));
        };
        // What has too many digits is out of bounds as well.
        match u64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            Ok(_) | Err(_) => Err(Wrong::new(format!("is not between {least} and {most}"))),
        }
    }
}

/// A part of a whole in percent, as a number from 0 to 1: `"1 %"`, `"0.5%"`.
pub fn share(value: &DeValue) -> Result<f64, Wrong> {
    const HINT: &str = "for instance \"1 %\"";
    let DeValue::String(words) = value else {
        return Err(Wrong::kind("a share in quotes", value).hint(HINT));
    };
    let percent = words.trim().strip_suffix('%');
    match percent.and_then(|number| number.trim().parse::<f64>().ok()) {
        Some(percent) if (0.0..=100.0).contains(&percent) => Ok(percent / 100.0),
        Some(_) => Err(Wrong::new("is not between 0 % and 100 %")),
        None => Err(Wrong::new(format!("is no share: \"{}\"", show(words))).hint(HINT)),
    }
}

/// A length of time within these bounds, which are in words as well.
pub fn duration(
    least: &'static str,
    most: &'static str,
) -> impl Fn(&DeValue) -> Result<Duration, Wrong> {
    move |value| {
        let DeValue::String(words) = value else {
            return Err(Wrong::kind("a length of time in quotes", value)
                .hint(format!("for instance \"{most}\"")));
        };
        let length = when::duration(words)?;
        let bound = |words| when::duration(words).expect("bounds are written right");
        match (bound(least)..=bound(most)).contains(&length) {
            true => Ok(length),
            false => Err(Wrong::new(format!("is not between {least} and {most}"))),
        }
    }
}

pub fn zone(value: &DeValue) -> Result<Tz, Wrong> {
    Ok(when::zone(&text(value)?)?)
}

/// One of these words.
pub fn choice<T: Copy>(
    choices: &'static [(&'static str, T)],
) -> impl Fn(&DeValue) -> Result<T, Wrong> {
    move |value| {
        let word = text(value)?;
        match choices.iter().find(|(name, _)| *name == word) {
            Some((_, chosen)) => Ok(*chosen),
            None => Err(Wrong::among(
                "is no value it can have",
                &word,
                choices.iter().map(|(name, _)| *name),
            )),
        }
    }
}
