//! `views.…`: modals and home tabs.

use serde_json::{Map, Value, json};

use super::api::Caller;
use super::asked::Asked;
use super::refused::{Done, Refused};
use super::state::Slack;
use super::views::View;

pub fn call(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    let view = asked
        .structure("view")
        .map_err(|()| Refused::from("invalid_arguments"))?;
    let view = view.ok_or_else(|| Refused::missing("view"))?;
    match name {
        "views.open" | "views.push" => {
            let id = asked.needed("trigger_id")?;
            let modal = view["type"] == "modal";
            if !modal {
                let line = "must be a modal [json-pointer:/view/type]".to_string();
                return Err(Refused::because("invalid_arguments", &[line]));
            }
            slack.fit(&caller.app, &view, None)?;
            let trigger = slack.exchange(&id, &caller.app)?;
            let on = match name {
                "views.push" => {
                    let open = slack.stack(&caller.app, &trigger.user);
                    let below = trigger.view.clone().or_else(|| open.last().cloned());
                    Some(
                        below
                            .filter(|id| slack.views.contains_key(id))
                            .ok_or(Refused::from("not_found"))?,
                    )
                }
                _ => None,
            };
            let id = slack.show(&trigger, view, on.as_deref())?;
            Ok(json!({"view": slack.view_json(&id)}))
        }
        "views.update" => {
            let id = match asked.text("view_id") {
                Some(id) => id,
                None => {
                    let external = asked.needed("external_id")?;
                    let mut all = slack.views.values();
                    let found = all.find(|its| {
                        its.app == caller.app && its.body["external_id"] == json!(external)
                    });
                    found
                        .map(|its| its.id.clone())
                        .ok_or(Refused::from("not_found"))?
                }
            };
            let own = slack
                .views
                .get(&id)
                .is_some_and(|its| its.app == caller.app);
            if !own {
                return Err("not_found".into());
            }
            slack.replace(&id, view, asked.text("hash").as_deref())?;
            Ok(json!({"view": slack.view_json(&id)}))
        }
        "views.publish" => publish(slack, caller, asked, view),
        _ => Err("unknown_method".into()),
    }
}

fn publish(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>, body: Value) -> Done {
    let user = asked.needed("user_id")?;
    if !slack.users.contains_key(&user) {
        return Err("user_not_found".into());
    }
    if !slack.apps[&caller.app].home_tab {
        return Err("not_enabled".into());
    }
    if body["type"] != "home" {
        let line = "must be a home tab [json-pointer:/view/type]".to_string();
        return Err(Refused::because("invalid_arguments", &[line]));
    }
    let mut all = slack.views.values();
    let old =
        all.find(|its| its.app == caller.app && its.user == user && its.body["type"] == "home");
    if let Some(id) = old.map(|old| old.id.clone()) {
        slack.replace(&id, body, asked.text("hash").as_deref())?;
        return Ok(json!({"view": slack.view_json(&id)}));
    }
    slack.fit(&caller.app, &body, None)?;
    let id = slack.id("V");
    let view = View {
        id: id.clone(),
        app: caller.app.clone(),
        team: caller.team.clone(),
        user,
        body: Value::Null,
        hash: String::new(),
        root: id.clone(),
        previous: None,
        values: Map::new(),
        errors: Map::new(),
    };
    slack.views.insert(id.clone(), view);
    slack.replace(&id, body, None)?;
    Ok(json!({"view": slack.view_json(&id)}))
}
