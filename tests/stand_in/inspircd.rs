//! A real server of IRC that can be told to mind no flood, as Debian has it.

use crate::daemon::Daemon;

/// None where it is not there.
pub async fn start() -> Option<Daemon> {
    let arguments = ["--nofork", "--nolog", "--runasroot", "--config"];
    Daemon::start("inspircd", &arguments, settings).await
}

/// Nobody is slowed down, and as much may wait for somebody as there is.
fn settings(port: u16, path: &str) -> String {
    let modules = [
        "cap",
        "ircv3",
        "ircv3_batch",
        "ircv3_echomessage",
        "ircv3_labeledresponse",
        "ircv3_msgid",
        "ircv3_servertime",
    ];
    let modules = modules.map(|name| format!("<module name=\"{name}\">\n"));
    format!(
        "<server name=\"irc.example.org\" description=\"test\" network=\"Test\" id=\"001\">\n\
         <admin name=\"nobody\" nick=\"nobody\" email=\"nobody@example.org\">\n\
         <bind address=\"127.0.0.1\" port=\"{port}\" type=\"clients\">\n\
         <path configdir=\"{path}\" datadir=\"{path}\" logdir=\"{path}\" runtimedir=\"{path}\">\n\
         <connect name=\"all\" allow=\"*\" timeout=\"60\" pingfreq=\"600\" maxchans=\"100\" localmax=\"1000\" \
         globalmax=\"1000\" maxconnwarn=\"no\" resolvehostnames=\"no\" useident=\"no\" threshold=\"1000000\" \
         commandrate=\"1000000000\" fakelag=\"no\" softsendq=\"100M\" hardsendq=\"100M\" recvq=\"100M\">\n{}",
        modules.concat()
    )
}
