//! The settings with their comments, out of the file that is their only description.

use super::DEFAULTS;

/// The settings between one pair of brackets and the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What stands between the brackets; empty before the first.
    pub section: String,
    /// What the file says about the section.
    pub comment: String,
    pub settings: Vec<Setting>,
}

/// One setting of `config.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub key: String,
    /// Its default, or an example where nobody sets it, as TOML.
    pub value: String,
    /// It has a default.
    pub set: bool,
    pub comment: String,
}

/// Every setting, in the order of the file.
pub fn settings() -> Vec<Part> {
    let mut parts = vec![Part::default()];
    let mut comment: Vec<&str> = Vec::new();
    for line in DEFAULTS.lines() {
        // A comment is `# ` before words; `#` before a name or a bracket is a setting that nobody sets.
        if let Some(words) = line.strip_prefix("# ") {
            comment.push(words);
            continue;
        }
        let (line, set) = match line.strip_prefix('#') {
            Some(line) => (line, false),
            None => (line, true),
        };
        let comment = std::mem::take(&mut comment).join(" ");
        if let Some(title) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            parts.push(Part {
                section: title.into(),
                comment,
                settings: Vec::new(),
            });
        } else if let (Some(part), Some((key, value))) = (parts.last_mut(), line.split_once(" = "))
        {
            part.settings.push(Setting {
                key: key.into(),
                value: value.into(),
                set,
                comment,
            });
        }
    }
    parts
}

/// Every setting as Markdown: a heading for each section, an entry for each setting.
pub fn table() -> String {
    let mut table = String::new();
    for part in settings() {
        if !part.section.is_empty() {
            table.push_str(&format!("\n### [{}]\n\n", part.section));
        }
        if !part.comment.is_empty() {
            table.push_str(&format!("{}\n\n", part.comment));
        }
        for setting in part.settings {
            let value = match setting.set {
                true => format!("`{}`", setting.value),
                false => format!("not set; for instance `{}`", setting.value),
            };
            table.push_str(&format!(
                "- `{}` ({value}): {}\n",
                setting.key, setting.comment
            ));
        }
    }
    table.trim().to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::Config;
    use super::super::reader::Reader;
    use super::*;

    /// The defaults with every setting set.
    fn all_set() -> String {
        DEFAULTS
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(set) if !set.starts_with(' ') => set,
                Some(_) | None => line,
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn every_setting_is_in_the_file_with_a_comment_and_the_other_way_round() {
        let text = all_set();
        let reader = Reader::new(&text, "config.toml", Path::new(""));
        reader.read(Config::read);
        let known = reader.known();
        let mistakes: Vec<String> = reader
            .mistakes()
            .iter()
            .map(ToString::to_string)
            .filter(|mistake| !mistake.contains("the environment has no"))
            // Nobody sets both ways of hearing Slack.
            .filter(|mistake| !mistake.contains("`app_token` in [platform.slack] is of no use"))
            // Nor both ways of logging in to a network.
            .filter(|mistake| !mistake.contains("are two ways to log in"))
            .collect();
        assert_eq!(
            mistakes, [""; 0],
            "the file has a setting that the structs do not"
        );

        let mut documented: BTreeSet<(String, String)> = BTreeSet::new();
        for part in settings() {
            // Names that people choose are quoted where there is a dot in them.
            let shape = match part.section.split_once('.') {
                Some((of @ ("platform" | "room"), _)) => format!("{of}.*"),
                Some(("http", login)) if login.starts_with("login.") => "http.login.*".into(),
                Some(_) | None => part.section.clone(),
            };
            for setting in part.settings {
                assert!(
                    !setting.comment.is_empty(),
                    "`{}` has no comment",
                    setting.key
                );
                documented.insert((shape.clone(), setting.key));
            }
        }
        let sections = [
            "log",
            "http",
            "source",
            "stackexchange",
            "fact",
            "heat",
            "burned",
            "times",
            "trackers",
            "breaker",
            "pace",
            "dialogues",
            "watch",
            "platform",
            "room",
            "login",
        ];
        for (shape, key) in known {
            assert!(
                sections.contains(&key) || documented.contains(&(shape.clone(), key.to_string())),
                "config.toml does not show `{key}` of [{shape}]"
            );
        }
    }

    #[test]
    fn comments_of_several_lines_are_one() {
        let parts = settings();
        let pace = parts.iter().find(|part| part.section == "pace").unwrap();
        let commands = &pace.settings[0];
        assert!(commands.comment.ends_with("1 to 1000000."));
        assert_eq!((commands.value.as_str(), commands.set), ("20", true));
        assert_eq!(parts[0].settings[0].key, "name");
    }
}
