//! Stopped for service, as a procedure asks for it.

use twinscope_prognosis::wind_turbine::{Outputs, TurbineParameters, WindTurbine};
use twinscope_prognosis::{Switch, SwitchError};

/// The readings, one a second.
fn seconds(turbine: &mut WindTurbine, count: u32) -> Vec<Outputs> {
    (0..count)
        .map(|_| {
            turbine.step(1.0);
            turbine.outputs()
        })
        .collect()
}

#[test]
fn it_stops_is_braked_locked_and_starts_again() {
    let mut turbine = WindTurbine::new(TurbineParameters::default(), 1);
    let turns = |turbine: &mut WindTurbine, switch, on| turbine.operate(switch, on).unwrap();
    assert!(matches!(turbine.operate(Switch::RotorLock, true), Err(SwitchError::NotNow(_))), "it turns");
    turns(&mut turbine, Switch::ServiceStop, true);
    let stopping = seconds(&mut turbine, 120);
    let last = stopping.last().unwrap();
    assert!(last.service_stop && last.rotor_speed_rpm < 1.1 && last.power_kw < 0.0, "{last:?}");
    turns(&mut turbine, Switch::Brake, true);
    let braked = seconds(&mut turbine, 40);
    assert!(braked.iter().rev().take(30).all(|o| o.brake_applied && o.rotor_speed_rpm < 0.01), "{:?}", braked.last());
    turns(&mut turbine, Switch::RotorLock, true);
    turns(&mut turbine, Switch::Brake, false);
    let locked = seconds(&mut turbine, 60);
    assert!(locked.iter().all(|o| o.rotor_locked && o.rotor_speed_rpm == 0.0 && !o.brake_applied));
    turns(&mut turbine, Switch::OilPump, false);
    let dry = seconds(&mut turbine, 30);
    assert!(dry.last().is_some_and(|o| !o.oil_pump_runs && o.oil_pressure_bar < 0.1), "{:?}", dry.last());
    turns(&mut turbine, Switch::OilPump, true);
    turns(&mut turbine, Switch::RotorLock, false);
    turns(&mut turbine, Switch::ServiceStop, false);
    let again = seconds(&mut turbine, 300);
    let last = again.last().unwrap();
    assert!(last.power_kw > 100.0 && last.oil_pressure_bar > 2.0, "{last:?}");
    assert_eq!(turbine.operate(Switch::DriveSystem, true), Err(SwitchError::NotOfThisMachine));
}
