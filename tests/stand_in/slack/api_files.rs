//! `reactions.…` and `files.…`.

use serde_json::{Value, json};

use super::api::Caller;
use super::asked::Asked;
use super::files::Upload;
use super::messages::Message;
use super::refused::{Done, Refused};
use super::state::Slack;

pub fn call(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    match name {
        "reactions.add" | "reactions.remove" | "reactions.get" => {
            reactions(slack, name, caller, asked)
        }
        "files.getUploadURLExternal" => begin(slack, caller, asked),
        "files.completeUploadExternal" => complete(slack, caller, asked),
        _ => Err("unknown_method".into()),
    }
}

fn reactions(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    let channel = asked
        .text("channel")
        .ok_or(Refused::from("no_item_specified"))?;
    let ts = asked
        .text("timestamp")
        .ok_or(Refused::from("no_item_specified"))?;
    let its = slack.seen(caller, &channel)?;
    if name == "reactions.get" {
        let message = its
            .messages
            .get(&ts)
            .ok_or(Refused::from("message_not_found"))?;
        return Ok(json!({"type": "message", "channel": channel, "message": message.json()}));
    }
    if its.archived {
        return Err("is_archived".into());
    }
    if !its.members.contains(&caller.user) {
        return Err("not_in_channel".into());
    }
    let emoji = asked.text("name").ok_or(Refused::from("invalid_name"))?;
    let (plain, tone) = emoji.split_once("::").unwrap_or((&emoji, "skin-tone-2"));
    let fits =
        |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "-_+'".contains(sign);
    if plain.is_empty() || !plain.chars().all(fits) || !tone.starts_with("skin-tone-") {
        return Err("invalid_name".into());
    }
    match name {
        "reactions.add" => slack.react(&channel, &ts, &emoji, &caller.user)?,
        _ => slack.unreact(&channel, &ts, &emoji, &caller.user)?,
    }
    Ok(json!({}))
}

fn begin(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let name = asked.needed("filename")?;
    let length = asked
        .number("length")
        .ok_or_else(|| Refused::missing("length"))?;
    let length = length.ok().filter(|length| *length > 0);
    let length = length.ok_or(Refused::from("invalid_arguments"))?;
    if asked.text("snippet_type").is_some() && length > 1024 * 1024 {
        return Err("file_upload_size_restricted".into());
    }
    let id = slack.id("F");
    let upload = Upload {
        id: id.clone(),
        app: caller.app.clone(),
        user: caller.user.clone(),
        name,
        length: length as usize,
        bytes: None,
        complete: false,
    };
    slack.uploads.insert(id.clone(), upload);
    let secret = slack.opaque("upload");
    let url = format!("{}/upload/v1/{id}/{secret}", slack.url);
    Ok(json!({"upload_url": url, "file_id": id}))
}

fn complete(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let files = asked
        .structure("files")
        .map_err(|()| Refused::from("invalid_arguments"))?;
    let files = files.ok_or_else(|| Refused::missing("files"))?;
    let mut done = Vec::new();
    for file in files.as_array().into_iter().flatten() {
        let id = file["id"].as_str().unwrap_or_default();
        let upload = slack
            .uploads
            .get(id)
            .filter(|its| its.app == caller.app && its.bytes.is_some());
        let upload = upload.ok_or(Refused::from("file_not_found"))?;
        done.push(upload.json(file["title"].as_str()));
    }
    if done.is_empty() {
        return Err(Refused::missing("files"));
    }
    if let Some(channel) = asked.text("channel_id") {
        if !slack.seen(caller, &channel)?.members.contains(&caller.user) {
            return Err("not_in_channel".into());
        }
        let message = Message {
            user: caller.user.clone(),
            bot: caller.bot.clone().map(|bot| (bot, caller.app.clone())),
            team: caller.team.clone(),
            text: asked.text("initial_comment").unwrap_or_default(),
            thread: asked.text("thread_ts"),
            subtype: Some("file_share"),
            files: done.clone(),
            ..Message::default()
        };
        slack.post(&channel, message);
    }
    for file in &done {
        let id = file["id"].as_str().unwrap_or_default();
        if let Some(upload) = slack.uploads.get_mut(id) {
            upload.complete = true;
        }
    }
    Ok(json!({"files": Value::Array(done)}))
}
