//! The fields of type files: their points, read and bounded; attributes that the model does not have.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use twinscope_twin::site::{FieldPoints, FieldValues, Problem, ProblemSeverity, SiteFile, TypeFile};

use super::nearest;
use crate::field::{Columns, Points, TableError, read};
use crate::model::{Checked, ModelError, printable};

/// The points of one field.
#[derive(Debug)]
pub struct FieldTable {
    /// The type.
    pub type_id: String,
    /// The field's id.
    pub field: String,
    /// Its points.
    pub points: Points,
}

/// Reads the points of a type's fields; what is wrong with them goes to `problems`.
pub(super) fn tables(
    file: &TypeFile,
    base: &Path,
    model: Option<&Result<Checked, ModelError>>,
    problems: &mut Vec<Problem>,
) -> Vec<FieldTable> {
    let mut out = Vec::new();
    for field in file.fields() {
        let mut say = |severity, message: &str, hint: &str| {
            problems.push(file.field_problem(&field.id, severity, message, Some(hint)));
        };
        match &field.values {
            FieldValues::Attribute(attribute) => {
                let Some(Ok(checked)) = model else { continue };
                let fields = &checked.index.fields;
                if fields.iter().any(|field| field.attribute == *attribute) {
                    continue;
                }
                let names: BTreeSet<String> = fields.iter().map(|field| printable(&field.attribute)).collect();
                let near = nearest(attribute, &names);
                let meant = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
                let has = if names.is_empty() {
                    "no field".to_owned()
                } else {
                    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
                };
                let hint = format!("the model has {has}; `twinscope inspect` lists them");
                say(ProblemSeverity::Warning, &format!("the model has no attribute \"{attribute}\"{meant}"), &hint);
            }
            FieldValues::Points(wanted) => match points(base, wanted) {
                Ok(points) => {
                    if points.unknown > 0 {
                        let message = format!("{} rows of \"{}\" have no value", points.unknown, wanted.file);
                        say(ProblemSeverity::Warning, &message, "nothing is known there");
                    }
                    out.push(FieldTable { type_id: field.type_id.clone(), field: field.id.clone(), points });
                }
                Err(error) => {
                    say(ProblemSeverity::Error, &format!("{}: {error}", wanted.file), &error.remedy);
                }
            },
        }
    }
    out
}

fn points(base: &Path, wanted: &FieldPoints) -> Result<Points, TableError> {
    let columns = Columns { axes: wanted.axes.clone(), value: wanted.value.clone() };
    read(&inside(base, &wanted.file)?, &columns, wanted.unit_m)
}

/// A file of a type. It lies below the folder of the site, or below one that holds a folder of types: a site from
/// elsewhere reads no other file of whoever looks at it.
fn inside(base: &Path, file: &str) -> Result<PathBuf, TableError> {
    let fault = |what: String, remedy: &str| TableError { line: None, what, remedy: remedy.to_owned() };
    let path = base.join(file).canonicalize().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => fault("there is no such file".to_owned(), "the path is relative to this file"),
        _ => fault(format!("it cannot be read: {e}"), "check its permissions"),
    })?;
    let types = SiteFile::TYPE_FOLDERS.map(|folder| base.join(folder));
    let with_types = types.iter().filter(|types| types.is_dir()).filter_map(|types| types.parent());
    let mut roots = std::iter::once(base).chain(with_types).filter_map(|root| root.canonicalize().ok());
    if roots.any(|root| path.starts_with(root)) {
        return Ok(path);
    }
    Err(fault("it is outside of the folders of the site and of its types".to_owned(), "copy it there"))
}
