//! A query in words: "questions tagged rust by people with under 50 reputation, not about homework".

use super::tree::Tree;
use crate::model::text::cut;

/// The longest query in words, in characters.
const LONGEST: usize = 400;

/// What one filter says of the items it keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What several of the same sort share: "tagged ", "with ".
    lead: String,
    object: String,
    /// It cannot share its lead with others.
    alone: bool,
    /// It can stand before the noun: "closed".
    front: bool,
    /// It can take the place of "items": "questions".
    noun: Option<String>,
}

impl Said {
    pub fn new(lead: &str, object: &str) -> Said {
        Said {
            lead: lead.into(),
            object: object.into(),
            alone: false,
            front: false,
            noun: None,
        }
    }

    /// A fact's words with a value at the place of `{}`.
    pub fn of_fact(said: &str, value: &str) -> Said {
        let (lead, behind) = said.split_once("{}").unwrap_or((said, ""));
        Said::new(lead, &format!("{value}{behind}"))
    }

    /// Words or a pattern, out of a query's term.
    pub fn of_text(spelling: &str) -> Said {
        let (field, term) = match spelling.split_once(':') {
            Some((field @ ("title" | "body"), term)) => (Some(field), term),
            Some(_) | None => (None, spelling),
        };
        let is_pattern = term.starts_with('/');
        let term = match term
            .strip_prefix('"')
            .and_then(|term| term.strip_suffix('"'))
        {
            Some(words) => format!("“{}”", cut(&words.replace('\\', ""), 60)),
            None => cut(term, 60),
        };
        match (field, is_pattern) {
            (None, false) => Said::new("about ", &term),
            (None, true) => Said::new("matching ", &term),
            (Some(field), false) => Said::new("with ", &format!("{term} in the {field}")),
            (Some(field), true) => Said::new("with ", &format!("a {field} matching {term}")),
        }
    }

    pub fn alone(mut self) -> Said {
        self.alone = true;
        self
    }

    pub fn front(mut self) -> Said {
        self.front = true;
        self
    }

    pub fn noun(mut self, noun: &str) -> Said {
        self.noun = Some(noun.into());
        self
    }

    /// With another word in the object.
    pub fn replaced(mut self, word: &str, by: &str) -> Said {
        self.object = self.object.replace(word, by);
        self
    }
}

impl Tree {
    /// What it keeps, in words: "items tagged rust with under 200 characters, not about homework".
    pub fn in_words(&self) -> String {
        let parts = match self {
            Tree::All(parts) => parts.as_slice(),
            Tree::Any(_) | Tree::Not(_) | Tree::Leaf(_) => std::slice::from_ref(self),
        };
        let mut noun = None;
        let (mut front, mut behind, mut groups, mut not) = (vec![], vec![], vec![], vec![]);
        for part in parts {
            match part {
                Tree::Leaf(filter) => {
                    let said = filter.said();
                    match said.noun {
                        Some(said) if noun.is_none() => noun = Some(said),
                        _ if said.front => front.push(said.object),
                        _ => behind.push(said),
                    }
                }
                Tree::Not(inner) => match &**inner {
                    Tree::Leaf(filter) => not.push(filter.said()),
                    inner => groups.push(("not ", inner)),
                },
                Tree::All(_) | Tree::Any(_) => match nouns(part) {
                    Some(said) if noun.is_none() => noun = Some(said),
                    _ => groups.push(("", part)),
                },
            }
        }
        // "with code by people with under 50 reputation", not the other way round.
        behind.sort_by_key(|said| said.lead.matches(' ').count() > 1);
        let mut words = front;
        words.push(noun.unwrap_or_else(|| "items".into()));
        words.extend(merged(behind, " and "));
        let mut text = words.join(" ");
        let bare = words.len() == 1;
        for (n, (not, group)) in groups.into_iter().enumerate() {
            let said = group.said_behind();
            let is_clear = match not {
                "" => parts.len() == 1,
                _ => said.whole,
            };
            text += match (not, n == 0 && bare) {
                (_, true) => " ",
                ("", false) => " and ",
                (_, false) => ", ",
            };
            text += not;
            text += &match is_clear {
                true => said.text,
                false => format!("({})", said.text),
            };
        }
        for (n, said) in merged(not, " or ").into_iter().enumerate() {
            text += if n == 0 && text == "items" {
                " not "
            } else {
                ", not "
            };
            text += &said;
        }
        cut(&text, LONGEST)
    }

    /// Whether it is a word or a phrase to look for, or not to find.
    pub(super) fn is_words(&self) -> bool {
        match self {
            Tree::Leaf(filter) => filter.said().lead == "about ",
            Tree::Not(inner) => matches!(&**inner, Tree::Leaf(_)) && inner.is_words(),
            Tree::Any(parts) => parts
                .iter()
                .all(|part| matches!(part, Tree::Leaf(_)) && part.is_words()),
            Tree::All(_) => false,
        }
    }

    /// The same as something that stands behind a noun.
    fn said_behind(&self) -> Behind {
        let of = |parts: &[Tree], joint: &str| {
            let (mut leaves, mut others) = (vec![], vec![]);
            for part in parts {
                match part {
                    Tree::Leaf(filter) => leaves.push(filter.said()),
                    Tree::Not(_) | Tree::All(_) | Tree::Any(_) => {
                        others.push(part.enclosed_words())
                    }
                }
            }
            let mut said = merged(leaves, joint);
            said.extend(others);
            Behind {
                whole: said.len() == 1,
                text: said.join(joint),
            }
        };
        match self {
            Tree::Leaf(filter) => {
                let said = filter.said();
                Behind {
                    whole: true,
                    text: said.lead + &said.object,
                }
            }
            Tree::Not(inner) => Behind {
                whole: true,
                text: format!("not {}", inner.enclosed_words()),
            },
            Tree::All(parts) => of(parts, " and "),
            Tree::Any(parts) => of(parts, " or "),
        }
    }

    fn enclosed_words(&self) -> String {
        let said = self.said_behind();
        match self {
            Tree::Leaf(_) | Tree::Not(_) => said.text,
            Tree::Any(_) if said.whole => said.text,
            Tree::All(_) | Tree::Any(_) => format!("({})", said.text),
        }
    }
}

struct Behind {
    text: String,
    /// It is one piece: it needs no parentheses.
    whole: bool,
}

/// "questions or answers".
fn nouns(tree: &Tree) -> Option<String> {
    let Tree::Any(parts) = tree else { return None };
    let nouns: Option<Vec<String>> = parts
        .iter()
        .map(|part| match part {
            Tree::Leaf(filter) => filter.said().noun,
            Tree::Not(_) | Tree::All(_) | Tree::Any(_) => None,
        })
        .collect();
    nouns.map(|nouns| nouns.join(" or "))
}

/// Those with the same lead say it once.
fn merged(all: Vec<Said>, joint: &str) -> Vec<String> {
    let mut groups: Vec<(Said, Vec<String>)> = Vec::new();
    for said in all {
        let twin = groups.iter_mut().find(|(first, _)| {
            first.lead == said.lead && !said.lead.is_empty() && !first.alone && !said.alone
        });
        match twin {
            Some((_, objects)) => objects.push(said.object),
            None => {
                let object = said.object.clone();
                groups.push((said, vec![object]));
            }
        }
    }
    groups
        .into_iter()
        .map(|(said, objects)| said.lead + &objects.join(joint))
        .collect()
}
