//! All that can go wrong in Slack.

use boson::model::MessageId;

use super::house::House;
use super::slack::{Fault, How, Order};
use super::workspace::Workspace;
use super::{Dice, Tally, Trouble};

impl Trouble for Workspace {
    /// Events come as they like, and again.
    const IN_ORDER: bool = false;
    const MESSAGES: usize = 10_000;

    fn go_wrong(&self, dice: &mut Dice, tally: &mut Tally) -> &'static str {
        let fail = |fault: Fault, name: &'static str| {
            self.server.fail(fault);
            name
        };
        let order = |order: Order, name: &'static str| {
            self.server.order(&self.app, &order);
            name
        };
        let post = |how| Fault::new(how).method("chat.postMessage");
        let read = |how| Fault::new(how).method("conversations.history");
        let socket = |how| Fault::new(how).method("apps.connections.open");
        let error = |code: &str| How::Error(code.into());
        match dice.below(27) {
            0 => order(Order::Close, "socket closed"),
            1 => order(Order::Reset, "socket reset"),
            2 => order(Order::Silence, "socket silent"),
            3 => order(Order::Disconnect("warning".into()), "socket warned"),
            4 => order(
                Order::Disconnect("refresh_requested".into()),
                "socket refreshed",
            ),
            5..=7 => {
                let seconds = 1 + dice.below(5) as i64;
                fail(post(How::Later(seconds)).times(1 + dice.below(3)), "429")
            }
            8 => fail(post(How::Status(500)), "500"),
            9 => fail(post(How::Status(502)).after(), "502 after it was said"),
            10 => fail(post(How::Reset).after(), "reset after it was said"),
            11 => fail(post(How::HangUp), "hung up"),
            12 => fail(post(How::Cut).after(), "cut answer"),
            13 => fail(
                post(error("fatal_error")).after(),
                "error after it was said",
            ),
            14 => fail(post(error("internal_error")), "error"),
            15 => fail(read(How::Status(500)).times(2), "history 500"),
            16 => fail(read(How::Cut), "history cut"),
            17 => fail(read(How::Later(3)), "history 429"),
            18 => fail(socket(How::Status(502)), "no address for a socket"),
            19 => fail(socket(How::Later(4)), "no address for a socket yet"),
            20 => fail(
                Fault::new(How::Status(502)).method("users.info"),
                "nobody is known",
            ),
            21 => fail(
                Fault::new(How::HangUp).method("users.conversations"),
                "no channels",
            ),
            22 => {
                self.server.wire(|wire| wire.lost_acks += 3);
                "acknowledgements lost"
            }
            23 => {
                self.server.wire(|wire| wire.twice += 5);
                "events twice"
            }
            24 => {
                self.server.wire(|wire| wire.late = 2 - wire.late);
                "events late, or in time again"
            }
            25 => {
                self.server.wire(|wire| wire.mute += 1);
                self.server.order(&self.app, &Order::Close);
                "the next socket says nothing"
            }
            _ => {
                let now = self.time().clock.now();
                if (now - tally.died).num_minutes() > 30 {
                    tally.died = now;
                    return fail(post(error("token_revoked")), "token revoked for a moment");
                }
                self.server.wire(|wire| wire.no_upgrades += 1);
                self.server.order(&self.app, &Order::Close);
                "the next socket is refused"
            }
        }
    }

    fn delete(&self, room: usize, message: &MessageId) {
        let room = self.room(room).room;
        self.server.slack().remove(&room, &message.0);
    }
}
