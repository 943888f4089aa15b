//! Whoever is mentioned in Slack is meant, and nobody else who is called so.

use crate::house::{House, Line};
use crate::run::{Run, Time};
use crate::slack::Standing;
use crate::workspace::Workspace;

/// Ann has made the room.
const ANN: usize = 0;
const BOB: usize = 1;

fn last(said: &[Line]) -> String {
    said.last().unwrap().text.clone()
}

#[tokio::test]
async fn a_role_is_for_whoever_is_mentioned() {
    let house = Workspace::new(Time::passes()).await;
    let run = Run::start(&house, 1).await;
    let room = house.room(0).room;
    let (ann, bob, namesake) = {
        let mut slack = house.server.slack();
        let named = |name: &str| {
            slack
                .users
                .values()
                .find(|user| user.real_name == name)
                .unwrap()
        };
        let (ann, bob) = (named("Ann").id.clone(), named("Bob").id.clone());
        let team = named("Ann").team.clone();
        let namesake = slack.user(&team, "Bob", Standing::Member);
        slack.enter(&room, &namesake, None);
        (ann, bob, namesake)
    };
    let say = |person: &str, text: &str| {
        let mut slack = house.server.slack();
        slack.say(&room, person, text, None).unwrap();
    };
    // Only the namesake has ever spoken.
    say(&namesake, "@boson whoami");
    let said = run.said(&house, 0, 1).await;
    assert!(last(&said).contains("member"), "{said:?}");
    say(&ann, &format!("@boson grant owner to <@{bob}>"));
    run.said(&house, 0, 2).await;
    say(&namesake, "@boson whoami");
    let said = run.said(&house, 0, 3).await;
    assert!(last(&said).contains("member"), "{said:?}");
    house.say(0, BOB, "@boson whoami").await;
    let said = run.said(&house, 0, 4).await;
    assert!(last(&said).contains("owner"), "{said:?}");
    // By the bare name both might be meant.
    house.say(0, ANN, "@boson revoke @Bob").await;
    let said = run.said(&house, 0, 5).await;
    assert!(last(&said).contains("Several people"), "{said:?}");
    run.stop().await;
}
