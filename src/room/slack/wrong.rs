//! Why Slack did not do something, read from what it answers.

use std::time::Duration;

use serde_json::Value;

use crate::http::HttpError;
use crate::model::text;

/// The longest sentence of Slack that is kept, in characters, and how many of them.
const SENTENCE: usize = 200;
const SENTENCES: usize = 5;

/// Why Slack did not do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Slack was not reached: it has done nothing.
    Unreached { what: String },
    /// No whole answer came, or something is broken there: it may have been done, or not.
    Unsure { what: String },
    /// Too many calls of this method: nothing was done. How long it must not be called again.
    Limited { rest: Duration },
    /// The token is not good, or not good for this.
    Fatal { code: String },
    /// The app lacks a permission, or one of these.
    Scope { needed: String },
    /// The bot is not in the channel.
    Outside,
    /// There is no such channel, message, thread, person or view, or not for this app.
    NotThere { code: String },
    /// The channel is archived.
    Gone { code: String },
    /// The workspace does not let the app do this there.
    Forbidden { code: String },
    /// Another code, with what Slack says about it.
    Refused { code: String, why: Vec<String> },
}

impl Wrong {
    /// What a code means. `answer` is all that came with it.
    pub fn of(code: &str, answer: &Value) -> Wrong {
        let code = short(code);
        match code.as_str() {
            "not_authed"
            | "invalid_auth"
            | "account_inactive"
            | "token_revoked"
            | "token_expired"
            | "not_allowed_token_type"
            | "team_disabled"
            | "user_removed_from_team"
            | "forbidden_team"
            | "org_login_required"
            | "team_access_not_granted"
            | "invalid_app_id"
            | "app_not_found"
            | "accesslimited" => Wrong::Fatal { code },
            "missing_scope" => Wrong::Scope {
                needed: short(answer["needed"].as_str().unwrap_or_default()),
            },
            // Slack says so with 429; a proxy may lose the status.
            "ratelimited" | "rate_limited" | "message_limit_exceeded" => Wrong::Limited {
                rest: super::api::UNSAID,
            },
            "internal_error"
            | "fatal_error"
            | "service_unavailable"
            | "request_timeout"
            | "team_added_to_org" => Wrong::Unsure {
                what: format!("Slack is in trouble (`{code}`)"),
            },
            "not_in_channel" => Wrong::Outside,
            "channel_not_found"
            | "message_not_found"
            | "thread_not_found"
            | "user_not_found"
            | "users_not_found"
            | "user_not_visible"
            | "user_not_in_channel"
            | "not_found" => Wrong::NotThere { code },
            "is_archived" | "is_inactive" => Wrong::Gone { code },
            "no_permission"
            | "access_denied"
            | "ekm_access_denied"
            | "enterprise_is_restricted"
            | "two_factor_setup_required"
            | "messages_tab_disabled"
            | "cannot_reply_to_message"
            | "method_not_supported_for_channel_type" => Wrong::Forbidden { code },
            other if other.starts_with("restricted_action") => Wrong::Forbidden { code },
            _ => {
                let lists = [&answer["errors"], &answer["response_metadata"]["messages"]];
                let said = lists
                    .iter()
                    .filter_map(|list| list.as_array())
                    .flatten()
                    .filter_map(Value::as_str);
                Wrong::Refused {
                    code,
                    why: said.map(short).take(SENTENCES).collect(),
                }
            }
        }
    }

    /// Slack's own word for it, where it gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Wrong::Fatal { code }
            | Wrong::NotThere { code }
            | Wrong::Gone { code }
            | Wrong::Forbidden { code }
            | Wrong::Refused { code, .. } => Some(code),
            Wrong::Scope { .. } => Some("missing_scope"),
            Wrong::Outside => Some("not_in_channel"),
            Wrong::Unreached { .. } | Wrong::Unsure { .. } | Wrong::Limited { .. } => None,
        }
    }

    /// Trying the same again later may help, without anybody changing something.
    pub fn may_pass(&self) -> bool {
        match self {
            Wrong::Unreached { .. } | Wrong::Unsure { .. } | Wrong::Limited { .. } => true,
            Wrong::Fatal { .. }
            | Wrong::Scope { .. }
            | Wrong::Outside
            | Wrong::NotThere { .. }
            | Wrong::Gone { .. }
            | Wrong::Forbidden { .. }
            | Wrong::Refused { .. } => false,
        }
    }

    /// Plain words that stand after "because".
    pub fn words(&self) -> String {
        match self {
            Wrong::Unreached { what } | Wrong::Unsure { what } => what.clone(),
            Wrong::Limited { .. } => "Slack wants fewer calls".into(),
            Wrong::Fatal { code } => match code.as_str() {
                "not_authed" | "invalid_auth" => "Slack does not know the token".into(),
                "account_inactive" | "team_disabled" | "user_removed_from_team" => {
                    format!("the app is no longer in the workspace (`{code}`)")
                }
                "token_revoked" | "token_expired" => {
                    format!("the token is no longer valid (`{code}`)")
                }
                "not_allowed_token_type" => {
                    "the token is one of the wrong kind (the bot token begins with `xoxb-`, that of the app with `xapp-`)"
                        .into()
                }
                _ => format!("Slack does not let the app in (`{code}`)"),
            },
            Wrong::Scope { needed } if needed.is_empty() => {
                "the app lacks a permission in Slack".into()
            }
            Wrong::Scope { needed } => format!(
                "the app lacks the permission `{needed}`; it must be added and the app installed again"
            ),
            Wrong::Outside => "I am not in that channel; `/invite` takes me in".into(),
            Wrong::NotThere { code } => match code.as_str() {
                "channel_not_found" => {
                    "there is no such channel, or it is a private one without me; `/invite` takes me in"
                        .into()
                }
                "message_not_found" => "there is no such message".into(),
                "thread_not_found" => "there is no such thread".into(),
                "user_not_in_channel" => "they are not in that channel".into(),
                "not_found" => "it is not there any more".into(),
                _ => "there is no such person".into(),
            },
            Wrong::Gone { .. } => "the channel is archived".into(),
            Wrong::Forbidden { code } => {
                format!("the workspace does not allow it (`{code}`)")
            }
            Wrong::Refused { code, why } => match why.first() {
                Some(why) => format!("Slack says `{code}`: {why}"),
                None => format!("Slack says `{code}`"),
            },
        }
    }
}

impl From<HttpError> for Wrong {
    fn from(error: HttpError) -> Wrong {
        // An address may carry a secret.
        if let HttpError::BadUrl { .. } = error {
            return Wrong::Unreached {
                what: "that is no web address".into(),
            };
        }
        let what = error.to_string();
        match error.may_have_arrived() {
            false => Wrong::Unreached { what },
            true => Wrong::Unsure { what },
        }
    }
}

/// What Slack says, short, in one line, and without what would end a passage of code.
fn short(said: &str) -> String {
    text::cut(&text::harmless(said.trim()), SENTENCE).replace('`', "'")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_are_what_can_be_done_about_them() {
        let of = |answer: Value| Wrong::of(answer["error"].as_str().unwrap(), &answer);
        let code = |code: &str| code.to_string();
        for (answer, expected) in [
            (
                json!({"error": "invalid_auth"}),
                Wrong::Fatal {
                    code: code("invalid_auth"),
                },
            ),
            (
                json!({"error": "missing_scope", "needed": "chat:write", "provided": "commands"}),
                Wrong::Scope {
                    needed: code("chat:write"),
                },
            ),
            (json!({"error": "not_in_channel"}), Wrong::Outside),
            (
                json!({"error": "restricted_action_thread_locked"}),
                Wrong::Forbidden {
                    code: code("restricted_action_thread_locked"),
                },
            ),
            (
                json!({"error": "invalid_blocks", "response_metadata": {"messages": ["[ERROR] `x`\nmust be short"]}}),
                Wrong::Refused {
                    code: code("invalid_blocks"),
                    why: vec!["[ERROR] 'x' must be short".into()],
                },
            ),
            (
                json!({"error": "something_new"}),
                Wrong::Refused {
                    code: code("something_new"),
                    why: Vec::new(),
                },
            ),
        ] {
            assert_eq!(of(answer), expected);
        }
        assert!(of(json!({"error": "internal_error"})).may_pass());
        assert!(!of(json!({"error": "is_archived"})).may_pass());
    }

    #[test]
    fn words_hold_no_addresses() {
        let error = HttpError::BadUrl {
            shown: "wss://x/?ticket=abc".into(),
            why: "no".into(),
        };
        assert!(!Wrong::from(error).words().contains("abc"));
    }
}
