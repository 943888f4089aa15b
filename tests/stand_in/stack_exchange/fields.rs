//! Filters: which fields of which type an answer has, and whether their text is encoded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use super::shelf::Object;

/// The fields of each type. Those before `|` are in the filter `default`; `~`: text that safe filters encode;
/// `:TYPE`: an object or a list of objects.
const TYPES: &[(&str, &str)] = &[
    (
        "",
        "backoff error_id error_message error_name has_more items quota_max quota_remaining | page page_size total type",
    ),
    (
        "question",
        "accepted_answer_id answer_count bounty_amount bounty_closes_date closed_date closed_reason~ \
         community_owned_date content_license creation_date is_answered last_activity_date last_edit_date link \
         locked_date migrated_from:migration_info migrated_to:migration_info owner:shallow_user protected_date \
         question_id score tags~ title~ view_count | answers:answer body body_markdown~ bounty_user:shallow_user \
         can_close can_flag close_vote_count closed_details:closed_details comment_count comments:comment \
         delete_vote_count down_vote_count favorite_count last_editor:shallow_user notice:notice reopen_vote_count \
         share_link up_vote_count",
    ),
    (
        "answer",
        "answer_id awarded_bounty_amount community_owned_date content_license creation_date is_accepted \
         last_activity_date last_edit_date locked_date owner:shallow_user question_id score | \
         awarded_bounty_users:shallow_user body body_markdown~ can_flag comment_count comments:comment \
         down_vote_count last_editor:shallow_user link share_link tags~ title~ up_vote_count",
    ),
    (
        "post",
        "content_license creation_date last_activity_date last_edit_date link owner:shallow_user post_id post_type score \
         | body body_markdown~ comment_count comments:comment down_vote_count last_editor:shallow_user share_link \
         title~ up_vote_count",
    ),
    (
        "comment",
        "comment_id content_license creation_date edited owner:shallow_user post_id reply_to_user:shallow_user score | \
         body body_markdown~ can_flag link post_type",
    ),
    (
        "suggested_edit",
        "approval_date comment~ creation_date post_id post_type proposing_user:shallow_user rejection_date \
         suggested_edit_id tags~ title~ | body",
    ),
    (
        "revision",
        "comment~ content_license creation_date is_rollback last_tags~ last_title~ post_id post_type revision_guid \
         revision_number revision_type set_community_wiki tags~ title~ user:shallow_user | body last_body",
    ),
    (
        "tag",
        "count has_synonyms is_moderator_only is_required name~ user_id | last_activity_date synonyms~",
    ),
    (
        "badge",
        "award_count badge_id badge_type link name~ rank user:shallow_user | description~",
    ),
    (
        "shallow_user",
        "accept_rate account_id display_name~ link profile_image reputation user_id user_type | \
         badge_counts:badge_count",
    ),
    (
        "user",
        "accept_rate account_id badge_counts:badge_count creation_date display_name~ is_employee last_access_date \
         last_modified_date link location~ profile_image reputation reputation_change_day reputation_change_month \
         reputation_change_quarter reputation_change_week reputation_change_year timed_penalty_date user_id user_type \
         website_url | about_me answer_count down_vote_count question_count up_vote_count view_count",
    ),
    ("badge_count", "bronze gold silver |"),
    (
        "closed_details",
        "by_users:shallow_user description~ on_hold original_questions:original_question reason~ |",
    ),
    (
        "original_question",
        "accepted_answer_id answer_count question_id title~ |",
    ),
    ("migration_info", "on_date other_site:site question_id |"),
    ("notice", "body creation_date owner_user_id |"),
    (
        "site",
        "aliases api_site_parameter audience~ favicon_url high_resolution_icon_url icon_url launch_date logo_url \
         markdown_extensions name~ open_beta_date related_sites:related_site site_state site_type site_url \
         styling:styling twitter_account | closed_beta_date",
    ),
    (
        "related_site",
        "api_site_parameter name~ relation site_url |",
    ),
    (
        "styling",
        "link_color tag_background_color tag_foreground_color |",
    ),
    (
        "info",
        "answers_per_minute api_revision badges_per_minute new_active_users questions_per_minute total_accepted \
         total_answers total_badges total_comments total_questions total_unanswered total_users total_votes | site:site",
    ),
    ("error", "description error_id error_name |"),
    ("filter", "filter filter_type included_fields |"),
];

struct Field {
    type_name: &'static str,
    name: &'static str,
    default: bool,
    encoded: bool,
    inner: Option<&'static str>,
}

struct Table {
    fields: Vec<Field>,
    of_type: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table {
            fields: Vec::new(),
            of_type: BTreeMap::new(),
        };
        for (type_name, line) in TYPES {
            let (default, rest) = line.split_once('|').expect("a |");
            for (words, default) in [(default, true), (rest, false)] {
                for word in words.split_whitespace() {
                    let (word, inner) = match word.split_once(':') {
                        Some((word, inner)) => (word, Some(inner)),
                        None => (word, None),
                    };
                    let name = word.trim_end_matches('~');
                    let of_type = table.of_type.entry(type_name).or_default();
                    of_type.insert(name, table.fields.len());
                    table.fields.push(Field {
                        type_name,
                        name,
                        default,
                        encoded: name.len() < word.len(),
                        inner,
                    });
                }
            }
        }
        table
    })
}

/// Which fields are shown, and how their text is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    fields: BTreeSet<usize>,
    /// Text is encoded, so that it can be put into HTML.
    pub safe: bool,
}

/// The letters of a filter's name, six fields each.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*.";

impl Filter {
    fn of(wanted: impl Fn(&Field) -> bool) -> Filter {
        let fields = table().fields.iter().enumerate();
        let fields = fields.filter(|(_, field)| wanted(field));
        Filter {
            fields: fields.map(|(n, _)| n).collect(),
            safe: true,
        }
    }

    /// A built-in filter or one that was made; those say in their name what they hold, so they are good for ever.
    pub fn named(name: &str) -> Option<Filter> {
        match name {
            "" | "default" => return Some(Filter::of(|field| field.default)),
            "withbody" => return Some(Filter::of(|field| field.default || field.name == "body")),
            "none" => return Some(Filter::of(|_| false)),
            "total" => {
                return Some(Filter::of(|field| {
                    field.type_name.is_empty() && field.name == "total"
                }));
            }
            _ => {}
        }
        let (safe, letters) = match name.strip_prefix('!')?.split_at_checked(1)? {
            ("s", rest) => (true, rest),
            ("u", rest) => (false, rest),
            _ => return None,
        };
        let mut fields = BTreeSet::new();
        for (n, letter) in letters.bytes().enumerate() {
            let bits = LETTERS.iter().position(|known| *known == letter)?;
            fields.extend(
                (0..6)
                    .filter(|bit| bits >> bit & 1 == 1)
                    .map(|bit| n * 6 + bit),
            );
        }
        let known = table().fields.len();
        (!fields.is_empty() && fields.iter().all(|field| *field < known))
            .then_some(Filter { fields, safe })
    }

    /// What it is called.
    pub fn name(&self) -> String {
        let last = self.fields.last().copied().unwrap_or(0);
        let mut name = String::from(if self.safe { "!s" } else { "!u" });
        for n in 0..=last / 6 {
            let bits = (0..6).filter(|bit| self.fields.contains(&(n * 6 + bit)));
            let bits: usize = bits.map(|bit| 1 << bit).sum();
            name.push(LETTERS[bits] as char);
        }
        name
    }

    /// The same with more fields or without some, as `question.body;.total`.
    ///
    /// # Errors
    /// The name of a field that does not exist.
    pub fn with(mut self, fields: &str, wanted: bool) -> Result<Filter, String> {
        for full in fields.split(';').filter(|full| !full.is_empty()) {
            let known = full.rsplit_once('.').and_then(|(type_name, name)| {
                table().of_type.get(type_name).and_then(|its| its.get(name))
            });
            let known = *known.ok_or_else(|| full.to_string())?;
            if wanted {
                self.fields.insert(known);
            } else {
                self.fields.remove(&known);
            }
        }
        Ok(self)
    }

    pub fn has(&self, type_name: &str, name: &str) -> bool {
        let its = table().of_type.get(type_name).and_then(|its| its.get(name));
        its.is_some_and(|field| self.fields.contains(field))
    }

    /// The full names of its fields.
    pub fn included(&self) -> Vec<String> {
        let fields = self.fields.iter().map(|n| &table().fields[*n]);
        fields
            .map(|field| format!("{}.{}", field.type_name, field.name))
            .collect()
    }

    /// What is seen of an object.
    pub fn shown(&self, type_name: &str, object: &Object) -> Object {
        let its = &table().of_type[type_name];
        let seen = object.iter().filter_map(|(name, value)| {
            if name.starts_with('_') || value.is_null() {
                return None;
            }
            let n = its
                .get(name.as_str())
                .unwrap_or_else(|| panic!("{type_name}.{name} is in no table"));
            let field = &table().fields[*n];
            let value = self.fields.contains(n).then(|| self.value(field, value))?;
            Some((name.clone(), value))
        });
        seen.collect()
    }

    fn value(&self, field: &Field, value: &Value) -> Value {
        match (value, field.inner) {
            (Value::Array(all), _) => all.iter().map(|one| self.value(field, one)).collect(),
            (Value::Object(object), Some(inner)) => Value::Object(self.shown(inner, object)),
            (Value::String(text), _) if field.encoded && self.safe => encoded(text).into(),
            (value, _) => value.clone(),
        }
    }
}

/// Text as it stands in HTML, the way the API writes it.
pub fn encoded(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\u{a0}'..='\u{ff}' => html.push_str(&format!("&#{};", u32::from(letter))),
            _ => html.push(letter),
        }
    }
    html
}
