//! A room from the command line. Its passphrase is in a file or the environment: a command line is seen by everybody on
//! the machine, and kept by shells.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use twinscope_link::room::{PASSPHRASE_CHARS, Secret, room_name};

use super::Failure;
use crate::app::room::Wanted;

/// Where the passphrase is, if no file is named.
const VARIABLE: &str = "TWINSCOPE_ROOM_PASSPHRASE";
/// Largest file that is read, bytes: a passphrase is a line.
const MOST: u64 = 4_096;

/// The room that a window joins.
#[derive(Debug, Default, Args)]
pub(super) struct RoomArgs {
    /// Join the room of this name: its members see what each other sees. The passphrase, or the invitation of a guest, is
    /// in the environment variable TWINSCOPE_ROOM_PASSPHRASE or in a file
    #[arg(long, value_name = "NAME")]
    room: Option<String>,
    /// File whose first line is the passphrase or invitation of the room
    #[arg(long, value_name = "FILE", requires = "room")]
    room_passphrase_file: Option<PathBuf>,
    /// Your name in rooms [default: the name of your account]
    #[arg(long, value_name = "NAME")]
    room_as: Option<String>,
}

impl RoomArgs {
    /// The room that is meant, if one is.
    pub(super) fn wanted(&self) -> Result<Option<Wanted>, Failure> {
        let Some(room) = &self.room else { return Ok(None) };
        let room = room_name(room).map_err(|error| Failure::new(format!("--room: {error}")))?;
        let (from, text) = match &self.room_passphrase_file {
            Some(file) => (format!("--room-passphrase-file {}", file.display()), first_line(file)?),
            None => (VARIABLE.to_owned(), from_environment(std::env::var(VARIABLE).ok())?),
        };
        let secret = Secret::new(&text).map_err(|error| Failure::new(format!("{from}: {error}")))?;
        Ok(Some(Wanted { room, secret }))
    }

    /// What this person goes by: in the form too, where it can be changed.
    pub(super) fn person(&self) -> String {
        let account = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
        self.room_as.clone().or_else(account).unwrap_or_else(|| "Viewer".to_owned())
    }
}

fn from_environment(value: Option<String>) -> Result<String, Failure> {
    value.ok_or_else(|| {
        Failure::new(format!(
            "--room needs a passphrase of at least {PASSPHRASE_CHARS} characters: \
             set the environment variable {VARIABLE}, or name a file with --room-passphrase-file"
        ))
    })
}

fn first_line(file: &Path) -> Result<String, Failure> {
    let failed = |reason: String| Failure::new(format!("--room-passphrase-file {}: {reason}", file.display()));
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(MOST).read_to_string(&mut text))
        .map_err(|error| failed(error.to_string()))?;
    text.lines().next().map(str::to_owned).ok_or_else(|| failed("is empty".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(file: Option<&Path>) -> RoomArgs {
        let room_passphrase_file = file.map(Path::to_owned);
        RoomArgs { room: Some("Gearbox".to_owned()), room_passphrase_file, room_as: Some("Ann".to_owned()) }
    }

    #[test]
    fn the_passphrase_is_the_first_line_of_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        std::fs::write(&file, "correct horse battery\nand a note\n").unwrap();
        let wanted = args(Some(&file)).wanted().unwrap().unwrap();
        assert_eq!(wanted.room, "Gearbox");
        assert!(!format!("{wanted:?}").contains("horse"), "{wanted:?}");
        assert_eq!(args(Some(&file)).person(), "Ann");
    }

    #[test]
    fn a_passphrase_that_is_missing_short_or_unreadable_is_told_without_saying_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        std::fs::write(&file, "hunter2").unwrap();
        let short = args(Some(&file)).wanted().unwrap_err().to_string();
        assert!(short.contains("12 characters") && short.contains("secret") && !short.contains("hunter2"), "{short}");
        std::fs::write(&file, "").unwrap();
        assert!(args(Some(&file)).wanted().unwrap_err().to_string().contains("empty"));
        let missing = args(Some(&dir.path().join("no"))).wanted().unwrap_err().to_string();
        assert!(missing.contains("no") && missing.contains("file"), "{missing}");
        assert!(from_environment(None).unwrap_err().to_string().contains(VARIABLE));
        assert!(RoomArgs::default().wanted().unwrap().is_none());
    }
}
