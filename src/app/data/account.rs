//! Who is signed in, and what their account area offers.

use crate::app::error::PageError;
use serde::Serialize;

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Viewer {
    /// The person's name, or `Local operator`.
    pub name: String,
    /// Their e-mail address, where one is known.
    pub email: Option<String>,
    /// What their organisation is called; none if none is chosen.
    pub organisation: Option<String>,
    /// How they signed in.
    pub way: Way,
}

/// How someone signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// By a link of this machine: the one user of local mode.
    Link,
    /// Through Clerk, whose widgets may take the place of the plain links.
    Clerk,
    /// As a program, with a token.
    Token,
}

/// Whether whoever looks at a page may change what it shows, or only look and
/// sync. A page that is shown to nobody in particular hides nothing: the server
/// decides anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MayChange(pub bool);

/// A page that is not shown, because something came up before it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    /// What.
    pub error: PageError,
    /// The form that was sent to it.
    pub kept: Option<Kept>,
    /// Whether nobody is to look who is signed in.
    pub bare: bool,
}

/// A form that was sent and not taken, to be sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// Where it was sent to.
    pub action: String,
    /// All fields, in their order.
    pub fields: Vec<(String, String)>,
    /// What has to happen first.
    pub first: Step,
}

/// What has to happen before a form can be sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Nothing but time.
    #[default]
    Wait,
    /// The session is renewed, in another tab.
    Renew,
    /// It is decided for which organisation it is.
    Choose {
        /// The id of the organisation that it was rendered for.
        before: String,
        /// What that is called; none if it is not one of theirs any more.
        name: Option<String>,
        /// The id of the one that is chosen now.
        now: String,
        /// What that is called.
        name_now: String,
    },
}
