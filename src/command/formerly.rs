//! Filters as the Boson of old took them, `-f REPUTATION LENGTH -v -50 -150`, as the query they are today.

use super::words::{Line, Word};
use crate::model::Refusal;
use crate::model::text::cut;

/// Old flags that stood in a line.
pub struct Formerly {
    /// As they were typed.
    pub typed: String,
    /// What they mean.
    pub query: String,
}

/// Takes the old flags out of a line, as far as `where`.
///
/// # Errors
/// When a filter has no value, or there is nothing like it any more.
pub fn take(line: &mut Line) -> Result<Option<Formerly>, Refusal> {
    let end = line
        .words
        .iter()
        .position(|word| !word.quoted && word.text.eq_ignore_ascii_case("where"))
        .unwrap_or(line.words.len());
    let at = |names: [&str; 2]| {
        line.words[..end]
            .iter()
            .position(|word| !word.quoted && names.contains(&word.text.as_str()))
    };
    let (filters_at, values_at) = (at(["-f", "--filter"]), at(["-v", "--value"]));
    let Some(filters_at) = filters_at else {
        return match values_at {
            Some(_) => Err(Refusal::new("There is no filter before `-v`.").hint(HINT)),
            None => Ok(None),
        };
    };
    let behind = |at: usize, most: usize, belongs: &dyn Fn(&Word) -> bool| {
        let words = line.words[at + 1..end].iter();
        at + 1 + words.take(most).take_while(|word| belongs(word)).count()
    };
    let filters_end = behind(filters_at, usize::MAX, &|word| is_name(&word.text));
    let names = &line.words[filters_at + 1..filters_end];
    let values_end = values_at.map(|at| {
        behind(at, names.len(), &|word| {
            word.quoted || !word.text.starts_with('-') || whole(&word.text).is_some()
        })
    });
    let values = match (values_at, values_end) {
        (Some(at), Some(end)) => &line.words[at + 1..end],
        _ => &[],
    };
    if names.is_empty() {
        return Err(Refusal::new("There is no filter behind `-f`.").hint(HINT));
    }
    let terms: Result<Vec<String>, Refusal> = names
        .iter()
        .enumerate()
        .map(|(n, name)| term(&name.text, values.get(n).map(|word| word.text.as_str())))
        .collect();
    let typed = |from: usize, until: usize| {
        let words: Vec<&str> = line.words[from..until]
            .iter()
            .map(|word| &line.text[word.span.clone()])
            .collect();
        words.join(" ")
    };
    let mut flags = vec![(filters_at, filters_end)];
    flags.extend(values_at.zip(values_end));
    flags.sort_unstable();
    let formerly = Formerly {
        typed: flags
            .iter()
            .map(|(from, until)| typed(*from, *until))
            .collect::<Vec<_>>()
            .join(" "),
        query: terms?.join(" "),
    };
    for (from, until) in flags.into_iter().rev() {
        line.words.drain(from..until);
    }
    Ok(Some(formerly))
}

impl Formerly {
    /// Puts the query where clap looks for it, before one that was typed.
    pub fn add_to(&self, argv: &mut Vec<String>) {
        let both = |typed: &str| format!("{} ({typed})", self.query);
        if let Some(at) = argv.iter().position(|word| word == "--where")
            && let Some(typed) = argv.get_mut(at + 1)
        {
            *typed = both(typed);
            return;
        }
        let typed = argv.iter_mut().find_map(|word| {
            word.strip_prefix("--where=")
                .map(both)
                .map(|both| (word, both))
        });
        match typed {
            Some((word, both)) => *word = format!("--where={both}"),
            None => argv.push(format!("--where={}", self.query)),
        }
    }
}

const HINT: &str = "today one writes `where length:<150`; `man query` has the rest";

fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || matches!(c, '_' | '-'))
        && !word.starts_with('-')
}

/// One filter with its value, as a query's term.
fn term(name: &str, value: Option<&str>) -> Result<String, Refusal> {
    let shown = cut(name, 40).replace('`', "'");
    match name {
        "HEAT_DETECTOR" => {
            return Err(
                Refusal::new("`HEAT_DETECTOR` asked a service that exists no more.")
                    .hint("words and patterns find much: `where /idiot|stupid/`"),
            );
        }
        "BURNED_TAG" => {
            return Err(
                Refusal::new("`BURNED_TAG` asked a service that I do not know.")
                    .hint("tags can be named: `where tag:homework,beginner`"),
            );
        }
        _ => {}
    }
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    let Some(value) = value else {
        return Err(Refusal::new(format!("`{shown}` has no value.")).hint(HINT));
    };
    let number = || {
        whole(value).ok_or_else(|| {
            Refusal::new(format!(
                "`{}` is no whole number, as `{shown}` needs.",
                cut(value, 40).replace('`', "'")
            ))
            .hint(HINT)
        })
    };
    let over_or_under = |fact: &str| -> Result<String, Refusal> {
        Ok(match number()? {
            n if n < 0 => format!("{fact}:<{}", n.unsigned_abs()),
            n => format!("{fact}:>{n}"),
        })
    };
    match name {
        "REPUTATION" => over_or_under("reputation"),
        "LENGTH" => over_or_under("length"),
        "USER_ID" => Ok(format!("user:{}", number()?)),
        "POST_ID" => Ok(format!("post:{}", number()?)),
        // Any piece of the text, also one within a word.
        "CONTAINS" => {
            let piece = regex_syntax::escape(&value.replace("%20", " "));
            Ok(format!("body:/{}/", piece.replace('/', "\\/")))
        }
        "TAG" => {
            let tags: Vec<String> = value
                .split(';')
                .map(|tag| tag.trim().replace(['\\', '"'], ""))
                .map(|tag| {
                    match tag
                        .chars()
                        .all(|c| c.is_alphanumeric() || "-.+#".contains(c))
                    {
                        true => tag,
                        false => format!("\"{tag}\""),
                    }
                })
                .collect();
            Ok(format!("tag:{}", tags.join(",")))
        }
        _ => Err(
            Refusal::new(format!("There was never a filter called `{shown}`.")).hint(
                "there were `REPUTATION`, `LENGTH`, `USER_ID`, `POST_ID`, `CONTAINS` and `TAG`",
            ),
        ),
    }
}

fn whole(text: &str) -> Option<i64> {
    text.replace(['−', '–', '—'], "-").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::words::split;
    use super::*;

    #[test]
    fn old_flags_become_a_query() {
        for (line, rest, query) in [
            (
                "x -f REPUTATION LENGTH -v -50 -150",
                "x",
                "reputation:<50 length:<150",
            ),
            ("x -f LENGTH -v 0 y", "x y", "length:>0"),
            ("-v 811 -f USER_ID x", "x", "user:811"),
            ("--filter POST_ID --value 93696", "", "post:93696"),
            ("-f CONTAINS -v a%20b/c.", "", "body:/a b\\/c\\./"),
            ("-f TAG -v a;b;c every day", "every day", "tag:a,b,c"),
            ("-f TAG -v \"open source\"", "", "tag:\"open source\""),
        ] {
            let mut line = split(line);
            let formerly = take(&mut line).unwrap().unwrap();
            assert_eq!(formerly.query, query);
            let words: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
            assert_eq!(words.join(" "), rest);
        }
        for line in [
            "-f LENGTH",
            "-f -v 5",
            "-v 5",
            "-f LENGTH REPUTATION -v 5",
            "-f LENGTH -v many",
            "-f HEAT_DETECTOR -v 5",
            "-f BURNED_TAG -v x",
            "-f ZEBRA -v x",
        ] {
            let refusal = take(&mut split(line)).err().unwrap();
            assert!(refusal.hint.is_some(), "{line}");
        }
        assert!(
            take(&mut split("feed x where -f LENGTH"))
                .unwrap()
                .is_none()
        );
    }
}
