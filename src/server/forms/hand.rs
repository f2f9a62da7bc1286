//! Forms for components made by hand.

use super::{Typed, public_message, refused, show_again, tell};
use crate::{
    api::ApiError,
    app::{
        data::{HandFile, HandForm, HandProblem},
        format::component_href,
    },
    app_state::AppState,
    auth::{Access, Admin},
    server::table::{Routes, post},
    service::{IfMatch, NewComponent, ServiceError},
};
use axum::{
    Form,
    extract::{DefaultBodyLimit, Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use model::{Diagnostic, DiagnosticCode};
use tower_sessions::Session;

impl Typed for HandForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        Vec::new()
    }
}

/// Largest form, in bytes: as JSON takes.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// What a browser sends: names and values, in the order of the form.
type Fields = Vec<(String, String)>;

pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/hand/new", post(create))
        .route("/hand/edit/{*name}", post(update))
        .route("/hand/remove/{*name}", post(remove))
        .map(|router| router.layer(DefaultBodyLimit::max(MAX_BODY)))
}

/// Which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Publish,
    AddFile,
    DropFile(usize),
    AsJson,
    AsForm,
}

/// Reads a form. Browsers send every line break as two characters; files are
/// kept with one.
fn read(fields: Fields, editing: Option<String>) -> (HandForm, Pressed) {
    let mut form = HandForm { editing, ..HandForm::default() };
    let mut pressed = Pressed::Publish;
    for (name, value) in fields {
        let value = value.replace("\r\n", "\n");
        match name.as_str() {
            "version" => form.version = value,
            "name" => form.name = value,
            "type" => form.kind = value,
            "title" => form.title = value,
            "description" => form.description = value,
            "docs" => form.docs = value,
            "dependencies" => form.dependencies = value,
            "registryDependencies" => form.registry_dependencies = value,
            "rest" => form.rest = value,
            "json" => form.json = Some(value),
            "path" => form.files.push(HandFile { path: value, ..HandFile::default() }),
            "fileType" | "target" | "content" => {
                if let Some(file) = form.files.last_mut() {
                    let place = match name.as_str() {
                        "fileType" => &mut file.kind,
                        "target" => &mut file.target,
                        _ => &mut file.content,
                    };
                    *place = value;
                }
            }
            "do" => {
                pressed = match value.as_str() {
                    "add-file" => Pressed::AddFile,
                    "as-json" => Pressed::AsJson,
                    "as-form" => Pressed::AsForm,
                    other => other
                        .strip_prefix("drop-")
                        .and_then(|nth| nth.parse().ok())
                        .map_or(Pressed::Publish, Pressed::DropFile),
                };
            }
            _ => {}
        }
    }
    (form, pressed)
}

/// The form after a button that only changes the form.
fn change(mut form: HandForm, pressed: Pressed) -> HandForm {
    match pressed {
        Pressed::Publish => form,
        Pressed::AddFile => {
            let kind = form.files.last().map_or_else(|| form.kind.clone(), |file| file.kind.clone());
            form.files.push(HandFile::of_kind(&kind));
            form
        }
        Pressed::DropFile(nth) => {
            if nth < form.files.len() {
                form.files.remove(nth);
            }
            form
        }
        Pressed::AsJson => {
            if let Ok(item) = form.to_item() {
                form.json = Some(serde_json::to_string_pretty(&item).expect("a JSON value always serialises"));
            }
            form
        }
        Pressed::AsForm => match form.to_item() {
            Ok(item) => HandForm { editing: form.editing, version: form.version, ..HandForm::of_item(&item) },
            Err(message) => {
                form.problems = vec![HandProblem { field: None, message }];
                form
            }
        },
    }
}

async fn create(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    session: Session,
    asked: Parts,
    Form(fields): Form<Fields>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let (form, pressed) = read(fields, None);
    save(state, access, session, asked, form, pressed).await
}

async fn update(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(name): Path<String>,
    session: Session,
    asked: Parts,
    Form(fields): Form<Fields>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let (form, pressed) = read(fields, Some(name));
    save(state, access, session, asked, form, pressed).await
}

async fn save(
    state: AppState,
    access: Access<Admin>,
    session: Session,
    asked: Parts,
    mut form: HandForm,
    pressed: Pressed,
) -> Response {
    if pressed != Pressed::Publish {
        return show_again(state, asked, StatusCode::OK, change(form, pressed)).await;
    }
    form.drop_blank_files();
    let error = match form.to_item() {
        Err(message) => {
            form.problems = vec![HandProblem { field: None, message }];
            None
        }
        Ok(item) => {
            let saved = match &form.editing {
                None => state.service.create_component(&access, NewComponent(item)).await,
                Some(name) => {
                    let seen = form.version.parse().map_or_else(|_| IfMatch::default(), IfMatch::version);
                    state.service.update_component(&access, name, NewComponent(item), seen).await
                }
            };
            match saved {
                Ok(component) => {
                    let done = if form.editing.is_some() { "The changes are served now." } else { "It is served now." };
                    tell(&session, false, done.to_owned()).await;
                    return Redirect::to(&component_href(component.row.name.as_str())).into_response();
                }
                Err(error) => Some(error),
            }
        }
    };
    if let Some(error) = error {
        explain(&state, &access, &mut form, error).await;
    }
    if form.files.is_empty() && form.json.is_none() {
        form.files.push(HandFile::of_kind(&form.kind));
    }
    show_again(state, asked, StatusCode::UNPROCESSABLE_ENTITY, form).await
}

/// Puts what is wrong where it belongs in the form.
async fn explain(state: &AppState, access: &Access<Admin>, form: &mut HandForm, error: ServiceError) {
    let about = |field: Option<&str>, message: String| HandProblem { field: field.map(str::to_owned), message };
    form.problems = match error {
        ServiceError::Rejected(findings) => findings.into_iter().map(problem).collect(),
        ServiceError::Conflict(message) if form.editing.is_none() => vec![about(Some("name"), message)],
        ServiceError::Stale(_) => {
            // From here on the form stands on what there is now.
            if let Some(name) = &form.editing
                && let Ok(now) = state.service.hand_made(access, name).await
            {
                form.version = now.version.to_string();
            }
            vec![about(
                None,
                "Someone else changed this component after you began. What you typed is still here. Look at their version first; publishing again replaces it."
                    .to_owned(),
            )]
        }
        error => vec![about(None, public_message(error))],
    };
}

fn problem(finding: Diagnostic) -> HandProblem {
    let mut message = finding.message;
    if let Some(first) = message.get(..1) {
        message = first.to_uppercase() + &message[1..];
    }
    message = format!("{}.", message.trim_end_matches('.'));
    let fix = match finding.code {
        // There is no repository to change here.
        DiagnosticCode::ReservedName => Some("Choose another name, such as my-button".to_owned()),
        DiagnosticCode::UnsafePath if finding.field.as_deref().is_some_and(|field| !field.ends_with("target")) => {
            Some("Use a path such as ui/my-button.tsx".to_owned())
        }
        _ => finding.fix,
    };
    if let Some(fix) = fix {
        message = format!("{message} {}.", fix.trim_end_matches('.'));
    }
    HandProblem { field: finding.field, message }
}

async fn remove(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(name): Path<String>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let seen = fields.iter().find(|(name, _)| name == "version").and_then(|(_, version)| version.parse().ok());
    let seen = seen.map_or_else(IfMatch::default, IfMatch::version);
    match state.service.remove_component(&access, &name, seen).await {
        Ok(()) => tell(&session, false, "It is not served any more.".to_owned()).await,
        Err(ServiceError::Stale(_)) => {
            let message =
                "Someone else changed this component after you looked at it. Look at it again before you remove it.";
            tell(&session, true, message.to_owned()).await;
        }
        Err(error) => tell(&session, true, public_message(error)).await,
    }
    Redirect::to(&component_href(&name)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn files_are_read_in_order_with_one_character_for_a_line_break() {
        let sent = [
            ("name", "badge"),
            ("path", "a.ts"),
            ("fileType", "registry:ui"),
            ("target", ""),
            ("content", "1\r\n2\r\n"),
            ("path", "b.ts"),
            ("fileType", "registry:lib"),
            ("content", "3"),
            ("do", "drop-0"),
        ];
        let (form, pressed) = read(fields(&sent), None);
        assert_eq!(form.files.len(), 2);
        assert_eq!(form.files[0].content, "1\n2\n");
        assert_eq!(pressed, Pressed::DropFile(0));
        let form = change(form, pressed);
        assert_eq!(form.files[0].path, "b.ts");
        let form = change(form, Pressed::AddFile);
        assert_eq!(form.files[1].kind, "registry:lib");
    }

    #[test]
    fn the_form_and_its_json_say_the_same() {
        let (form, _) = read(
            fields(&[
                ("name", "badge"),
                ("type", "registry:ui"),
                ("rest", "{\"meta\":{}}"),
                ("path", "a.ts"),
                ("content", "x"),
            ]),
            None,
        );
        let json = change(form.clone(), Pressed::AsJson);
        assert_eq!(json.to_item(), form.to_item());
        let back = change(json.clone(), Pressed::AsForm);
        assert_eq!((back.to_item(), back.json), (form.to_item(), None));
        let broken = change(HandForm { json: Some("{".to_owned()), ..json }, Pressed::AsForm);
        assert_eq!((broken.json.as_deref(), broken.problems.len()), (Some("{"), 1));
    }
}
