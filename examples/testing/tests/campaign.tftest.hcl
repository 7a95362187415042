# The provider is a mock, so no platform is needed. These are the values that the
# platform would return.
mock_provider "aep" {
  mock_resource "aep_upgrade_task" {
    defaults = {
      task_id = 3456
      status  = "pending"
    }
  }

  mock_resource "aep_upgrade_devices" {
    defaults = {
      device_count  = 1
      missing_count = 0
    }
  }

  mock_resource "aep_upgrade_rollout" {
    defaults = {
      status          = "finished"
      succeeded_count = 1
    }
  }
}

run "canary_only_by_default" {
  command = apply

  assert {
    condition     = length(aep_upgrade_task.wave) == 1 && can(aep_upgrade_task.wave["canary"])
    error_message = "By default, the module must upgrade only 1 % of the devices."
  }

  assert {
    condition     = aep_upgrade_rollout.canary.expected_device_count == aep_upgrade_devices.wave["canary"].device_count
    error_message = "The canary must not start before all of its devices have joined."
  }

  assert {
    condition     = output.succeeded == 1 && output.tasks["canary"] == 3456
    error_message = "The outputs must be the values of the platform."
  }
}

run "rest_on_demand" {
  command = apply

  variables {
    canary_only = false
  }

  assert {
    condition     = aep_upgrade_devices.wave["canary"].wave.index == 0 && aep_upgrade_devices.wave["rest"].wave.index == 1
    error_message = "Together, the waves must be the whole list."
  }
}
