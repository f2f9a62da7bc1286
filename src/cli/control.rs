//! The control socket: how commands reach a running server. A Unix socket in
//! the data folder that only its owner can open; whoever can is the operator.

use super::{
    CliError, Installation,
    command::{Command, Reply, Told, Watch, execute},
};
use crate::data::DataFolder;
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    response::Response,
    routing::post,
};
use futures::StreamExt;
use model::OrganisationId;
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, fs, io, os::unix::fs::PermissionsExt};
use tokio::{net::UnixListener, sync::mpsc};
use tokio_stream::wrappers::UnboundedReceiverStream;

/// A command, and the organisation that it is for.
#[derive(Debug, Serialize, Deserialize)]
struct Request<C> {
    organisation: Option<OrganisationId>,
    command: C,
}

/// One line of an answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    /// It goes on.
    Progress(Told),
    /// It is done.
    Reply(Reply),
    /// It was refused: why.
    Refused(String),
}

/// Listens on the control socket until the process ends.
pub(super) fn listen(
    data: &DataFolder,
    installation: Installation,
) -> io::Result<impl Future<Output = io::Result<()>> + use<>> {
    let path = data.control_socket();
    // Ours alone: the lock on the folder says that nobody listens there.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    let router = Router::new().route("/command", post(answer)).with_state(installation);
    Ok(async move { axum::serve(listener, router).await })
}

async fn answer(State(installation): State<Installation>, Json(request): Json<Request<Command>>) -> Response {
    let (sender, receiver) = mpsc::unbounded_channel::<Line>();
    tokio::spawn(async move {
        let progress = sender.clone();
        let mut watch = move |told: &Told| drop(progress.send(Line::Progress(told.clone())));
        let Request { organisation, command } = request;
        let line = match installation.operator(organisation).await {
            Ok(operator) => {
                let result = execute(&operator, command, &mut watch).await;
                result.map_or_else(|error| Line::Refused(error.to_string()), Line::Reply)
            }
            Err(error) => Line::Refused(error.to_string()),
        };
        // Whoever asked may have gone.
        let _ = sender.send(line);
    });
    let lines = UnboundedReceiverStream::new(receiver).map(|line| {
        let mut text = serde_json::to_string(&line).expect("replies serialise");
        text.push('\n');
        Ok::<_, Infallible>(Bytes::from(text))
    });
    Response::new(Body::from_stream(lines))
}

/// Sends a command to the server that uses this data folder.
pub(super) async fn send(
    data: &DataFolder,
    organisation: Option<OrganisationId>,
    command: &Command,
    watch: &mut Watch<'_>,
) -> Result<Reply, CliError> {
    let gone = |error: &dyn std::fmt::Display| {
        CliError::Refused(format!(
            "another ekairos-registry uses the data folder {} but does not answer ({error}); wait for it to finish, or stop it",
            data.root().display()
        ))
    };
    let client = net::unix_client(&data.control_socket())?;
    let body = serde_json::to_vec(&Request { organisation, command }).expect("commands serialise");
    let response = client
        .post("http://localhost/command")
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .map_err(|error| gone(&error))?;
    let mut stream = response.bytes_stream();
    let mut pending = Vec::new();
    while let Some(chunk) = stream.next().await {
        pending.extend_from_slice(&chunk.map_err(|error| gone(&error))?);
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = pending.drain(..=end).collect();
            match serde_json::from_slice(&line).map_err(|error| gone(&error))? {
                Line::Progress(told) => watch(&told),
                Line::Reply(reply) => return Ok(reply),
                Line::Refused(message) => return Err(CliError::Refused(message)),
            }
        }
    }
    Err(gone(&"it closed the connection"))
}
