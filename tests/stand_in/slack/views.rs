//! Modals, home tabs, and the short-lived right to open one.

use serde_json::{Map, Value, json};

use super::blocks::{self, Place};
use super::refused::Refused;
use super::state::{Slack, extend};
use super::values;

/// A view that was opened or published.
#[derive(Clone, Debug)]
pub struct View {
    pub id: String,
    pub app: String,
    pub team: String,
    pub user: String,
    /// As it was sent.
    pub body: Value,
    pub hash: String,
    pub root: String,
    pub previous: Option<String>,
    /// What people typed.
    pub values: Map<String, Value>,
    /// What the app said is wrong, by block.
    pub errors: Map<String, Value>,
}

/// The right to open a view.
#[derive(Clone, Debug)]
pub struct Trigger {
    pub app: String,
    pub team: String,
    pub user: String,
    /// When it was given.
    pub at: chrono::DateTime<chrono::Utc>,
    pub used: bool,
    /// The view in which somebody clicked.
    pub view: Option<String>,
}

/// Seconds that a trigger is good for.
pub const TRIGGER_SECONDS: i64 = 3;
/// Modals on top of each other.
const STACK: usize = 3;
/// Bytes of a view.
const LARGEST: usize = 250 * 1024;

impl View {
    pub fn blocks(&self) -> Vec<Value> {
        self.body["blocks"].as_array().cloned().unwrap_or_default()
    }
}

impl Slack {
    pub fn trigger(&mut self, app: &str, team: &str, user: &str, view: Option<String>) -> String {
        let id = format!("{}.{}.{}", self.count(), self.now(), self.opaque("trigger"));
        let trigger = Trigger {
            app: app.into(),
            team: team.into(),
            user: user.into(),
            at: self.clock.now(),
            used: false,
            view,
        };
        self.triggers.insert(id.clone(), trigger);
        id
    }

    /// Uses a trigger up.
    ///
    /// # Errors
    /// `invalid_trigger_id`, `exchanged_trigger_id`, `expired_trigger_id`.
    pub fn exchange(&mut self, id: &str, app: &str) -> Result<Trigger, Refused> {
        let now = self.clock.now();
        let trigger = self.triggers.get_mut(id).filter(|its| its.app == app);
        let trigger = trigger.ok_or(Refused::from("invalid_trigger_id"))?;
        if trigger.used {
            return Err("exchanged_trigger_id".into());
        }
        if (now - trigger.at).num_milliseconds() > TRIGGER_SECONDS * 1000 {
            return Err("expired_trigger_id".into());
        }
        trigger.used = true;
        Ok(trigger.clone())
    }

    /// The modals that somebody has open of an app, the lowest first.
    pub fn stack(&self, app: &str, user: &str) -> Vec<String> {
        let all = self.views.values();
        let mut open: Vec<&View> = all
            .filter(|view| view.app == app && view.user == user && view.body["type"] == "modal")
            .collect();
        open.sort_by_key(|view| (view.previous.is_some(), view.id.clone()));
        open.into_iter().map(|view| view.id.clone()).collect()
    }

    /// Whether a view is as it must be.
    ///
    /// # Errors
    /// `invalid_arguments` with the places, `view_too_large`, `duplicate_external_id`.
    pub fn fit(&self, app: &str, body: &Value, own: Option<&str>) -> Result<(), Refused> {
        if body.to_string().len() > LARGEST {
            return Err("view_too_large".into());
        }
        let place = match body["type"].as_str() {
            Some("modal") => Place::Modal,
            Some("home") => Place::Home,
            _ => {
                let line = "unsupported type [json-pointer:/view/type]".to_string();
                return Err(Refused::because("invalid_arguments", &[line]));
            }
        };
        let mut wrong = blocks::Wrong::default();
        let none = Vec::new();
        match body["blocks"].as_array() {
            None => wrong.say("missing required field: blocks", "/view"),
            Some(all) => wrong.lines.extend(blocks::wrong(all, place)),
        }
        if place == Place::Modal {
            wrong.text(body, "title", true, 24, "/view");
            wrong.maybe(body, "submit", true, 24, "/view");
            wrong.maybe(body, "close", true, 24, "/view");
            let mut all = body["blocks"].as_array().unwrap_or(&none).iter();
            if body.get("submit").is_none() && all.any(|block| block["type"] == "input") {
                wrong.say(
                    "submit is required when an input block is within blocks",
                    "/view",
                );
            }
        }
        wrong.length(body, "private_metadata", 3000, "/view");
        wrong.length(body, "callback_id", 255, "/view");
        wrong.length(body, "external_id", 255, "/view");
        if !wrong.lines.is_empty() {
            return Err(Refused::because("invalid_arguments", &wrong.lines));
        }
        let external = body["external_id"].as_str().filter(|its| !its.is_empty());
        let mut others = self.views.values().filter(|its| its.app == app);
        if external.is_some()
            && others
                .any(|its| its.body["external_id"].as_str() == external && Some(&*its.id) != own)
        {
            return Err("duplicate_external_id".into());
        }
        Ok(())
    }

    /// Shows a view on top of another, or as the first.
    ///
    /// # Errors
    /// As [`Slack::fit`], and `push_limit_reached`.
    pub fn show(
        &mut self,
        trigger: &Trigger,
        mut body: Value,
        on: Option<&str>,
    ) -> Result<String, Refused> {
        self.fit(&trigger.app, &body, None)?;
        let id = self.id("V");
        let mut root = id.clone();
        if let Some(below) = on {
            let depth = self.stack(&trigger.app, &trigger.user).len();
            if depth >= STACK {
                return Err("push_limit_reached".into());
            }
            root = self.views.get(below).map_or(root, |view| view.root.clone());
        } else {
            // A modal takes the place of whatever this app showed before.
            for old in self.stack(&trigger.app, &trigger.user) {
                self.views.remove(&old);
            }
        }
        self.name_blocks(&mut body);
        let view = View {
            id: id.clone(),
            app: trigger.app.clone(),
            team: trigger.team.clone(),
            user: trigger.user.clone(),
            body,
            hash: format!("{}.{}", self.now(), self.opaque("hash")),
            root,
            previous: on.map(String::from),
            values: Map::new(),
            errors: Map::new(),
        };
        self.views.insert(id.clone(), view);
        Ok(id)
    }

    fn name_blocks(&mut self, body: &mut Value) {
        let blocks = body.get_mut("blocks").and_then(Value::as_array_mut);
        for block in blocks.into_iter().flatten() {
            self.name_block(block);
        }
    }

    /// Puts another body into a view; what was typed stays where block and action keep their names.
    ///
    /// # Errors
    /// `not_found`, `hash_conflict`, and as [`Slack::fit`].
    pub fn replace(
        &mut self,
        id: &str,
        mut body: Value,
        hash: Option<&str>,
    ) -> Result<(), Refused> {
        let view = self.views.get(id).ok_or(Refused::from("not_found"))?;
        if hash.is_some_and(|hash| hash != view.hash) {
            return Err("hash_conflict".into());
        }
        self.fit(&view.app.clone(), &body, Some(id))?;
        self.name_blocks(&mut body);
        let hash = format!("{}.{}", self.now(), self.opaque("hash"));
        if let Some(view) = self.views.get_mut(id) {
            let blocks = body["blocks"].as_array().cloned().unwrap_or_default();
            let kept = values::state(&blocks, &Map::new());
            view.values.retain(|block, held| {
                let kept = kept.get(block).and_then(Value::as_object);
                if let (Some(kept), Some(held)) = (kept, held.as_object_mut()) {
                    held.retain(|action, _| kept.contains_key(action));
                }
                kept.is_some()
            });
            view.body = body;
            view.hash = hash;
            view.errors.clear();
        }
        Ok(())
    }

    /// As payloads have it: with what all its elements hold.
    pub fn view_told(&self, id: &str) -> Value {
        let mut all = self.view_json(id);
        if let Some(view) = self.views.get(id) {
            all["state"]["values"] = json!(values::state(&view.blocks(), &view.values));
        }
        all
    }

    /// As methods have it: with what was typed so far.
    pub fn view_json(&self, id: &str) -> Value {
        let Some(view) = self.views.get(id) else {
            return Value::Null;
        };
        let bot = self.apps[&view.app].installs.get(&view.team);
        let mut all = json!({
            "id": view.id, "team_id": view.team, "app_id": view.app, "hash": view.hash,
            "root_view_id": view.root, "previous_view_id": view.previous, "bot_id": bot.map(|its| its.bot.clone()),
            "app_installed_team_id": view.team, "state": {"values": view.values},
            "private_metadata": "", "callback_id": "", "external_id": "", "title": null, "submit": null,
            "close": null, "clear_on_close": false, "notify_on_close": false,
        });
        extend(&mut all, view.body.clone());
        all
    }

    /// What an acknowledgement of a submission makes of the view.
    pub fn submitted(&mut self, id: &str, payload: Option<&Value>) {
        let Some(view) = self.views.get(id).cloned() else {
            return;
        };
        let action = payload.and_then(|its| its["response_action"].as_str());
        let trigger = Trigger {
            app: view.app.clone(),
            team: view.team.clone(),
            user: view.user.clone(),
            at: self.clock.now(),
            used: true,
            view: None,
        };
        let body = payload.map_or(Value::Null, |its| its["view"].clone());
        match action {
            Some("errors") => {
                let errors = payload.and_then(|its| its["errors"].as_object()).cloned();
                if let Some(view) = self.views.get_mut(id) {
                    view.errors = errors.unwrap_or_default();
                }
            }
            Some("update") => {
                if let Err(refused) = self.replace(id, body, None) {
                    self.view_failed(id, &refused.error);
                }
            }
            Some("push") => {
                if let Err(refused) = self.show(&trigger, body, Some(id)) {
                    self.view_failed(id, &refused.error);
                }
            }
            Some("clear") => {
                let all = self.stack(&view.app, &view.user);
                self.views.remove(id);
                self.take_away(&all, true);
            }
            Some(_) => self.view_failed(id, "We had some trouble connecting. Try again?"),
            None => drop(self.views.remove(id)),
        }
    }

    /// A line in the view, not at one of its blocks.
    pub fn view_failed(&mut self, id: &str, why: &str) {
        if let Some(view) = self.views.get_mut(id) {
            view.errors.insert(String::new(), json!(why));
        }
    }
}
