//! Why a method of the Web API did not do what was asked.

use serde_json::{Map, Value, json};

/// The code, and what stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub error: String,
    pub beside: Map<String, Value>,
}

/// What a method answers beside `ok`.
pub type Done = Result<Value, Refused>;

impl Refused {
    /// With lines about what is wrong in an argument.
    pub fn because(error: &str, lines: &[String]) -> Refused {
        let mut refused = Refused::from(error);
        let messages: Vec<String> = lines.iter().map(|line| format!("[ERROR] {line}")).collect();
        refused.beside.insert("errors".into(), json!(lines));
        let beside = json!({"messages": messages});
        refused.beside.insert("response_metadata".into(), beside);
        refused
    }

    /// An argument that must be there is not.
    pub fn missing(argument: &str) -> Refused {
        let line = format!("missing required field: {argument}");
        Refused::because("invalid_arguments", &[line])
    }

    pub fn scope(needed: &str, provided: &str) -> Refused {
        let mut refused = Refused::from("missing_scope");
        refused.beside.insert("needed".into(), json!(needed));
        refused.beside.insert("provided".into(), json!(provided));
        refused
    }

    pub fn json(&self) -> Value {
        let mut all = self.beside.clone();
        all.insert("ok".into(), json!(false));
        all.insert("error".into(), json!(self.error));
        Value::Object(all)
    }
}

impl From<&str> for Refused {
    fn from(error: &str) -> Refused {
        Refused {
            error: error.into(),
            beside: Map::new(),
        }
    }
}
