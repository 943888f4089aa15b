//! What people do with modals: fill them in, submit them, close them.

use serde_json::{Map, Value, json};

use super::delivery::{After, Envelope};
use super::refused::Refused;
use super::state::{Slack, extend, without};
use super::values::{self, text};
use super::views::View;

impl Slack {
    fn view(&self, id: &str) -> Result<View, Refused> {
        let view = self.views.get(id).cloned();
        view.ok_or(Refused::from("view_not_found"))
    }

    /// Keeps what an element of a view holds.
    pub(super) fn hold(&mut self, view: &str, block: &Value, element: &Value, held: &Value) {
        let mut held = held.clone();
        without(&mut held, &["action_id", "block_id", "action_ts"]);
        if let Some(view) = self.views.get_mut(view) {
            let block = view.values.entry(text(&block["block_id"]));
            block.or_insert_with(|| json!({}))[text(&element["action_id"])] = held;
        }
    }

    /// Somebody fills in fields of a view, each named by its block and action, by one of both, or by its label.
    ///
    /// # Errors
    /// `view_not_found`; `field_not_found`, `option_not_found` with the name.
    pub fn fill(&mut self, id: &str, given: &Map<String, Value>) -> Result<(), Refused> {
        let view = self.view(id)?;
        let blocks = view.blocks();
        for (name, value) in given {
            let is = |its: &Value| its.as_str().is_some_and(|its| its == name);
            let mut all = values::usable(&blocks);
            let found = all.find(|(block, element)| {
                is(&block["block_id"]) || is(&element["action_id"]) || is(&block["label"]["text"])
            });
            let unknown = || Refused::because("field_not_found", std::slice::from_ref(name));
            let (block, element) = found.ok_or_else(unknown)?;
            let action = text(&element["action_id"]);
            let whole = value.get("type").is_some();
            let value = value.get(&action).filter(|_| !whole).unwrap_or(value);
            let offers = self.offers.get(&(view.user.clone(), action));
            let (held, empty) =
                values::valued(element, value, offers.map_or(&[], |its| its.as_slice()));
            let meant = !value.is_null() && *value != "" && *value != json!([]);
            if empty && meant {
                return Err(Refused::because(
                    "option_not_found",
                    std::slice::from_ref(name),
                ));
            }
            self.hold(id, block, element, &held);
        }
        Ok(())
    }

    /// Somebody submits a modal, after filling in `given`.
    ///
    /// # Errors
    /// As [`Slack::fill`]; `missing_value`, `invalid_value` with the blocks: Slack's own client looks first.
    pub fn submit(&mut self, id: &str, given: &Map<String, Value>) -> Result<u64, Refused> {
        self.fill(id, given)?;
        let view = self.view(id)?;
        let blocks = view.blocks();
        let state = values::state(&blocks, &view.values);
        let (mut missing, mut wrong, mut urls) = (Vec::new(), Vec::new(), Vec::new());
        for (block, element) in values::usable(&blocks).filter(|its| its.0["type"] == "input") {
            let (name, action) = (text(&block["block_id"]), text(&element["action_id"]));
            let held = &state[&name][&action];
            let mut bare = held.as_object().into_iter().flatten();
            let empty = |its: &Value| its.is_null() || *its == "" || *its == json!([]);
            let bare = bare.all(|(what, its)| what == "type" || empty(its));
            if bare && block["optional"] != true {
                missing.push(name.clone());
            }
            if values::against(element, held).is_some() {
                wrong.push(name.clone());
            }
            let channel = ["selected_conversation", "selected_channel"];
            let channel = channel.iter().find_map(|its| held[*its].as_str());
            if let (true, Some(channel)) = (element["response_url_enabled"] == true, channel) {
                urls.push((name, action, channel.to_string()));
            }
        }
        for (code, all) in [("missing_value", missing), ("invalid_value", wrong)] {
            if !all.is_empty() {
                return Err(Refused::because(code, &all));
            }
        }
        if let Some(its) = self.views.get_mut(id) {
            its.errors.clear();
        }
        let urls: Vec<Value> = urls
            .into_iter()
            .map(|(block, action, channel)| {
                let hook = self.hook(&view.app, (&view.team, &channel, &view.user), None, None);
                json!({
                    "block_id": block, "action_id": action, "channel_id": channel, "response_url": self.hook_url(&hook),
                })
            })
            .collect();
        let on = Some(id.to_string());
        let mut payload = self.around("view_submission", &view.app, &view.team, &view.user, on);
        let more = json!({"view": self.view_told(id), "response_urls": urls});
        extend(&mut payload, more);
        let after = After::Submitted { view: id.into() };
        Ok(self.deliver(&view.app, Envelope::Interactive, payload, true, after))
    }

    /// Somebody closes a modal, or all of them where the view says so; the app hears of it where it wants to.
    ///
    /// # Errors
    /// `view_not_found`.
    pub fn close(&mut self, id: &str) -> Result<Option<u64>, Refused> {
        let view = self.view(id)?;
        let all = view.body["clear_on_close"] == true;
        let gone = match all {
            true => self.stack(&view.app, &view.user),
            false => vec![id.to_string()],
        };
        Ok(self.take_away(&gone, all))
    }

    /// Takes views away from who sees them, the uppermost first; gives the number of the last delivery about it.
    pub(super) fn take_away(&mut self, views: &[String], cleared: bool) -> Option<u64> {
        let mut told = None;
        for id in views.iter().rev() {
            let Ok(view) = self.view(id) else { continue };
            if view.body["notify_on_close"] == true {
                let mut payload =
                    self.around("view_closed", &view.app, &view.team, &view.user, None);
                let more = json!({"view": self.view_told(id), "is_cleared": cleared});
                extend(&mut payload, more);
                without(&mut payload, &["trigger_id"]);
                let envelope = Envelope::Interactive;
                told = Some(self.deliver(&view.app, envelope, payload, false, After::Nothing));
            }
            self.views.remove(id);
        }
        told
    }
}
