//! Writes the generated models: `twinscope-generate [FOLDER]`, by default `assets/models`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use twinscope_generate::{glb, models, vane};

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("assets/models"), PathBuf::from);
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("twinscope-generate: {error}");
            let mut cause = error.source();
            while let Some(next) = cause {
                eprintln!("  because: {next}");
                cause = next.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    for scene in models()? {
        let bytes = glb::write(&scene)?;
        let path = folder.join(scene.name).with_extension("glb");
        std::fs::write(&path, &bytes)?;
        println!("{}: {} bytes, {} triangles", path.display(), bytes.len(), scene.triangles());
    }
    let fields = folder.join("../fields");
    std::fs::create_dir_all(&fields)?;
    std::fs::write(fields.join(vane::MEASURED_CSV), vane::measured_csv(&vane::read()?))?;
    Ok(())
}
