//! What is shown of a page that a message links to: by Slack itself, or by an app (`chat.unfurl`).

use serde_json::{Value, json};

use super::api::Caller;
use super::apps::App;
use super::asked::Asked;
use super::messages::Message;
use super::refused::{Done, Refused};
use super::state::Slack;

/// Seconds within which the same link is not shown again in a channel.
const AGAIN: i64 = 60 * 60;
/// Ends of addresses that are pictures and not pages.
const MEDIA: [&str; 5] = [".png", ".jpg", ".jpeg", ".gif", ".webp"];

/// The links of a text as they stand in it, each with its host.
pub fn links(text: &str) -> Vec<(String, String)> {
    let all = text.split('<').skip(1).filter_map(|rest| {
        let inside = rest.split('>').next()?.split('|').next()?;
        let address = url::Url::parse(&inside.replace("&amp;", "&")).ok()?;
        let host = address.host_str()?.to_string();
        (address.scheme().starts_with("http")).then(|| (inside.to_string(), host))
    });
    all.collect()
}

/// The links that people see in a message: where there are blocks, the text beside them is not shown.
fn seen(message: &Message) -> Vec<(String, String)> {
    if message.blocks.is_empty() || message.bot.is_none() {
        return all_links(&message.text);
    }
    let fields = |block: &Value| {
        let one = block.get("text").cloned().into_iter();
        let more = ["fields", "elements"].map(|name| block[name].as_array().cloned());
        let more = more.into_iter().flatten().flatten();
        one.chain(more).collect::<Vec<_>>()
    };
    let texts = message.blocks.iter().flat_map(fields);
    let texts = texts.filter(|its| its["type"] == "mrkdwn");
    texts
        .flat_map(|its| all_links(its["text"].as_str().unwrap_or_default()))
        .collect()
}

/// Also those that stand without `<` and `>`.
fn all_links(text: &str) -> Vec<(String, String)> {
    let mut all = links(text);
    let bare = text.split(|sign: char| sign.is_whitespace() || "<>|".contains(sign));
    let bare = bare.filter(|word| word.starts_with("https://") || word.starts_with("http://"));
    for (link, host) in bare.flat_map(|word| links(&format!("<{word}>"))) {
        if !all.iter().any(|(its, _)| *its == link) {
            all.push((link, host));
        }
    }
    all
}

impl Slack {
    /// Shows what is behind the links of a message, unless it was sent with the wish that this does not happen.
    pub fn unfurl(&mut self, channel: &str, ts: &str) {
        let message = self.channels.get(channel);
        let message = message.and_then(|its| its.messages.get(ts));
        let (Some(message), true) = (message, self.rules.unfurls) else {
            return;
        };
        let (pages, media) = message.unfurls;
        let wanted = |link: &str| {
            let media = MEDIA.iter().any(|end| link.ends_with(end)).then_some(media);
            media.unwrap_or(pages).unwrap_or(true)
        };
        let found = seen(message).into_iter();
        let free = |host: &str| !self.apps.values().any(|app| looked_after(app, host));
        let found = found.filter(|(link, host)| wanted(link) && free(host));
        let found: Vec<_> = found.collect();
        let now = self.now();
        let mut shown = Vec::new();
        for (link, host) in found {
            let key = (channel.to_string(), link.clone());
            let before = self.unfurled.get(&key);
            if before.is_none_or(|before| now - before >= AGAIN) {
                self.unfurled.insert(key, now);
                let title = format!("A page of {host}");
                shown.push(json!({
                    "from_url": link, "original_url": link, "service_name": host, "title": title,
                    "title_link": link, "fallback": title, "text": "What it says.", "id": shown.len() + 1,
                }));
            }
        }
        if !shown.is_empty() {
            self.attach(channel, ts, shown);
        }
    }

    /// Adds what is behind links: nobody edited anything, but it is a change that is told.
    fn attach(&mut self, channel: &str, ts: &str, more: Vec<Value>) {
        let at = self.ts();
        let its = self.channels.get_mut(channel);
        let Some(message) = its.and_then(|its| its.messages.get_mut(ts)) else {
            return;
        };
        let old = message.clone();
        message.attachments.extend(more);
        let new = message.clone();
        self.tell_changed(channel, &at, &old, &new);
    }

    /// `link_shared` for each app that looks after one of the domains.
    pub fn tell_links(&mut self, channel: &str, message: &Message) {
        let all = links(&message.text);
        if all.is_empty() || message.bot.is_some() {
            return;
        }
        let apps = self.apps.values().map(|app| {
            let own = all.iter().filter(|(_, host)| looked_after(app, host));
            let own = own.map(|(link, host)| json!({"domain": host, "url": link}));
            (app.id.clone(), own.collect::<Vec<_>>())
        });
        let apps: Vec<_> = apps.filter(|(_, links)| !links.is_empty()).collect();
        for (app, links) in apps {
            let mut event = json!({
                "type": "link_shared", "user": message.user, "channel": channel, "message_ts": message.ts,
                "links": links, "unfurl_id": format!("{channel}.{}", message.ts),
                "source": "conversations_history", "is_bot_user_member": true, "event_ts": message.ts,
            });
            if let Some(thread) = &message.thread {
                event["thread_ts"] = json!(thread);
            }
            self.tell_app(&app, "link_shared", Some(channel), &event);
        }
    }
}

/// Whether an app wants to show itself what is behind links to a host.
fn looked_after(app: &App, host: &str) -> bool {
    let its = |domain: &String| host == domain || host.ends_with(&format!(".{domain}"));
    app.unfurl_domains.iter().any(its)
}

/// `chat.unfurl`: an app says itself what is behind a link.
pub fn by_app(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let both = asked.text("unfurl_id").and_then(|id| {
        let (channel, ts) = id.split_once('.')?;
        Some((channel.to_string(), ts.to_string()))
    });
    let (channel, ts) = match both {
        Some(both) => both,
        None => (asked.needed("channel")?, asked.needed("ts")?),
    };
    let unfurls = asked
        .structure("unfurls")
        .map_err(|()| Refused::from("invalid_unfurls_format"))?;
    let unfurls = unfurls.ok_or_else(|| Refused::missing("unfurls"))?;
    let unfurls = unfurls
        .as_object()
        .cloned()
        .ok_or(Refused::from("invalid_unfurls_format"))?;
    let message = slack.seen(caller, &channel)?.messages.get(&ts);
    let message = message.ok_or(Refused::from("cannot_find_message"))?;
    let known = links(&message.text);
    if unfurls
        .keys()
        .any(|wanted| !known.iter().any(|(link, _)| link == wanted))
    {
        return Err("cannot_unfurl_url".into());
    }
    let attachments = unfurls.into_iter().map(|(link, mut its)| {
        its["from_url"] = json!(link);
        its
    });
    let attachments = attachments.collect();
    slack.attach(&channel, &ts, attachments);
    Ok(json!({}))
}
