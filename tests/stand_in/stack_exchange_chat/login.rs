//! Logging in and out, as on the site.

use super::answer::{Answer, HTML, escape};
use super::asked::Asked;
use super::pages::layout;
use super::routes::Done;
use super::server::{Shared, World};

/// The form, or the way home for who is logged in.
pub fn form(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Answer {
    match asked.visitor.email {
        Some(_) => Answer::found("/"),
        None => page(world, shared, asked, ""),
    }
}

fn page(world: &mut World, shared: &Shared, asked: &Asked<'_>, wrong: &str) -> Answer {
    let key = world.logins.key();
    let back = returns(asked);
    let to = match back {
        "/" => String::from("/users/login"),
        back => {
            let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
            format!("/users/login?returnurl={back}")
        }
    };
    let to = escape(&to);
    let hidden = format!("<input type=\"hidden\" name=\"fkey\" value=\"{key}\">");
    let mut doors = String::new();
    if shared.settings.open_house {
        for account in world.chats[asked.chat].accounts.values() {
            if account.email.is_empty() {
                continue;
            }
            doors.push_str(&format!(
                "<form class=\"door\" action=\"{to}\" method=\"post\">{hidden}\
                 <input type=\"hidden\" name=\"email\" value=\"{}\"><input type=\"hidden\" name=\"password\" value=\"{}\">\
                 <button>{}</button></form>",
                escape(&account.email),
                escape(&account.password),
                escape(&account.name)
            ));
        }
        doors = format!("<p>Or be one of these:</p><div class=\"doors\">{doors}</div>");
    }
    let wrong = match wrong {
        "" => String::new(),
        wrong => format!("<p class=\"message-text wrong\">{wrong}</p>"),
    };
    let body = format!(
        "<main class=\"narrow\"><h1>Log in</h1>{wrong}<form id=\"login-form\" action=\"{to}\" method=\"post\">{hidden}\
         <input type=\"hidden\" name=\"ssrc\" value=\"login\">\
         <label>Email <input id=\"email\" type=\"email\" name=\"email\" autocomplete=\"username\"></label>\
         <label>Password <input id=\"password\" type=\"password\" name=\"password\" autocomplete=\"current-password\"></label>\
         <input type=\"hidden\" name=\"oauth_version\" value=\"\"><input type=\"hidden\" name=\"oauth_server\" value=\"\">\
         <button id=\"submit-button\">Log in</button></form>{doors}</main>"
    );
    // Its key is that of the site, not of the chat.
    Answer::html(layout("Log in", "", &body, ""))
}

/// Where a login leads: a path of this host.
fn returns<'a>(asked: &'a Asked<'_>) -> &'a str {
    let back = asked.field("returnurl").unwrap_or("/");
    let own = back.starts_with('/') && !back.starts_with("//") && !back.contains(['\r', '\n']);
    if own { back } else { "/" }
}

/// Checks a name and a password.
pub fn log_in(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Answer {
    let email = asked.field("email").unwrap_or_default();
    let key = asked.field("fkey").unwrap_or_default();
    let faults = &mut world.faults;
    let captcha = faults.captchas > 0;
    faults.captchas = faults.captchas.saturating_sub(1);
    let moves = faults.captcha_moves;
    if world.logins.too_often(email, asked.now) || captcha {
        return match moves {
            true => Answer::found("/nocaptcha?s=00000000-0000-0000-0000-000000000000"),
            false => {
                let page = "<!DOCTYPE html><html><head><title>Human verification - Stack Exchange</title></head>\
                            <body><h1>Human verification</h1><p>Are you a human being?</p></body></html>";
                Answer::new(200, HTML, page)
            }
        };
    }
    let known = world.logins.knows(key);
    match matching(world, asked) {
        Some(email) if known => {
            let acct = world.logins.open(&email, asked.domain, asked.now);
            let cookie = asked.cookie("acct", &acct, 180 * 86_400, "; HttpOnly");
            Answer::found(returns(asked)).with("set-cookie", cookie)
        }
        _ => page(world, shared, asked, "The email or password is incorrect."),
    }
}

/// The e-mail of an account that has the password given.
fn matching(world: &World, asked: &Asked<'_>) -> Option<String> {
    let email = asked.field("email")?;
    let password = asked.field("password")?;
    let mut all = world.chats.iter().filter_map(|chat| chat.by_email(email));
    let found = all.find(|account| account.password == password)?;
    Some(found.email.clone())
}

/// What a browser asks before it logs in.
pub fn track(world: &mut World, asked: &Asked<'_>) -> Answer {
    match matching(world, asked) {
        Some(_) => Answer::html("Login-OK".into()),
        None => Answer::html("Login-Failed".into()),
    }
}

/// The form to log out.
pub fn leaving(asked: &Asked<'_>) -> Answer {
    let key = &asked.visitor.fkey;
    let body = format!(
        "<main class=\"narrow\"><h1>Log out</h1><form action=\"/users/logout\" method=\"post\">\
         <input type=\"hidden\" name=\"fkey\" value=\"{key}\"><button>Log out</button></form></main>"
    );
    Answer::html(layout("Log out", "", &body, ""))
}

/// Ends this session.
pub fn log_out(world: &mut World, asked: &Asked<'_>) -> Done {
    asked.key()?;
    if let Some(acct) = &asked.visitor.acct {
        world.logins.close(acct);
    }
    let gone = asked.cookie("acct", "", -86_400, "; HttpOnly");
    Ok(Answer::found("/").with("set-cookie", gone))
}
