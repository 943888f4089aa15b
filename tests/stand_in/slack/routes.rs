//! Which part of Slack answers a request.

use serde_json::Value;

use super::answer::Answer;
use super::api;
use super::asked::Asked;
use super::limits::Rates;
use super::state::Slack;
use super::world::World;

/// The answer of Slack itself.
pub fn routed(world: &mut World, asked: &Asked<'_>) -> Answer {
    let slack = &mut world.slack;
    let parts = asked.path.split('/').filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.collect();
    match parts.as_slice() {
        ["api", method] => api::answer(slack, method, asked),
        ["actions", rest @ ..] => later(slack, &rest.join("/"), asked),
        ["services", rest @ ..] => {
            let whole = asked.broken.is_none() && !asked.args.is_empty();
            // A form has the JSON in a field, for clients that cannot do otherwise.
            let body = match asked.structure("payload") {
                Ok(Some(payload)) if !asked.json => Some(payload),
                Ok(_) if asked.json && whole => Some(Value::Object(asked.args.clone())),
                Ok(_) | Err(()) => None,
            };
            slack.hooked(rest, body)
        }
        ["upload", "v1", id, _] => uploaded(slack, id, asked),
        _ => Answer::text(404, "not found"),
    }
}

/// What was sent to a response URL.
fn later(slack: &mut Slack, id: &str, asked: &Asked<'_>) -> Answer {
    if asked.request.method != "POST" || asked.broken.is_some() {
        return Answer::text(400, "invalid_payload");
    }
    if let (Rates::Real, Some(hook)) = (slack.rules.rates, slack.hooks.get(id)) {
        let (key, now) = (format!("response {}", hook.channel), slack.clock.now());
        if let Err(seconds) = slack.limits.beside(&key, now) {
            return Answer::later(seconds);
        }
    }
    match slack.answer(id, &Value::Object(asked.args.clone())) {
        Ok(()) => Answer::text(200, "ok"),
        Err(refused) => {
            let gone = refused.error.ends_with("_url");
            let mut answer = Answer::json(&refused.json());
            answer.status = if gone { 404 } else { 400 };
            answer
        }
    }
}

/// The bytes of a file: as they are, or as one part of a form.
fn uploaded(slack: &mut Slack, id: &str, asked: &Asked<'_>) -> Answer {
    let Some(upload) = slack.uploads.get_mut(id) else {
        return Answer::text(404, "not found");
    };
    let body = &asked.request.body;
    let length = upload.length;
    let multipart = asked.request.header("content-type");
    let multipart = multipart.is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let bytes = match multipart {
        true => {
            let start = body
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
                .map(|at| at + 4);
            start
                .and_then(|at| body.get(at..at + length))
                .unwrap_or_default()
                .to_vec()
        }
        false => body.clone(),
    };
    if bytes.len() != length {
        return Answer::text(400, "the length is not what was said");
    }
    upload.bytes = Some(bytes);
    Answer::text(200, format!("OK - {length}"))
}
