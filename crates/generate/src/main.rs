//! Writes the generated models: `twinscope-generate [FOLDER]`, by default `assets/models`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("assets/models"), PathBuf::from);
    match write(&folder) {
        Ok((path, bytes)) => {
            println!("{}: {bytes} bytes", path.display());
            ExitCode::SUCCESS
        }
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

fn write(folder: &std::path::Path) -> Result<(PathBuf, usize), Box<dyn std::error::Error>> {
    let bytes = twinscope_generate::wind_turbine_glb()?;
    std::fs::create_dir_all(folder)?;
    let path = folder.join("wind_turbine.glb");
    std::fs::write(&path, &bytes)?;
    Ok((path, bytes.len()))
}
