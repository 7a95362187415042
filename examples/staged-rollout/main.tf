# A campaign in three waves: 1 % of the devices, then 10 %, then the rest. Each
# wave has its own task, and begins after the wave before has passed its gates.
# A bad firmware reaches few devices: the apply ends, and the later waves are not
# created.
#
# One variable has no default. On the simulated platform of `make simulate`:
#
#   terraform init
#   terraform apply -var device_ids_file=../../.cache/devices/10005977.txt
#
# An apply runs until the last wave has finished. After an interruption, the plan
# says that the rollout is tainted and must be replaced. The next apply continues
# the watch. It cancels nothing, and upgrades no device twice.
#
# After a failed canary, the next apply judges the canary again. Give each firmware
# a folder of its own, so that the finished tasks stay on the platform.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

# Credentials come from the environment: AEP_APP_KEY, AEP_APP_SECRET, and
# AEP_MASTER_KEY or AEP_MASTER_KEYS.
provider "aep" {}

# The look-ups are not in the module. A module with depends_on reads its data
# sources only when applying, so its ids would be unknown when planning.
data "aep_product" "this" {
  name = var.product
}

data "aep_firmware" "target" {
  product_id = data.aep_product.this.product_id
  version    = var.firmware_version
}

locals {
  # All waves share these values. The hash of a device id decides its wave. So
  # the waves never overlap, and together they contain the whole list. A device
  # that is added later does not change the wave of another.
  campaign = {
    product_id      = data.aep_product.this.product_id
    firmware_id     = data.aep_firmware.target.firmware_id
    name            = var.name
    device_ids_file = var.device_ids_file
    weights         = [1, 10, 89]
    seed            = var.name
    poll_interval   = var.poll_interval
  }
}

module "canary" {
  source = "./wave"

  campaign = local.campaign
  index    = 0
  title    = "canary"

  # The wave is small, so no device may fail.
  minimum_success_percent = 100
  abort_failure_percent   = 1
  abort_minimum_devices   = 1
}

module "early" {
  source = "./wave"

  campaign = local.campaign
  index    = 1
  title    = "early"

  minimum_success_percent = 98
  abort_failure_percent   = 10
  abort_minimum_devices   = 10

  depends_on = [module.canary]
}

module "rest" {
  source = "./wave"

  campaign = local.campaign
  index    = 2
  title    = "rest"

  minimum_success_percent = 95
  abort_failure_percent   = 10
  abort_minimum_devices   = 50

  depends_on = [module.early]
}
