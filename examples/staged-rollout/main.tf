# A campaign in three waves: 1 % of the devices, then 10 %, then the rest. Each
# wave is a task of its own, and begins when the wave before has passed its
# gates. A firmware that breaks devices breaks a few, and the apply ends there:
# the later waves are not even created.
#
# An apply runs until the last wave has finished. If it is cut off, the next
# apply continues the watch; no device is upgraded twice.

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

locals {
  # What all waves have in common. The hash of a device's id says which wave it
  # is in: the waves never overlap, together they are the whole list, and a
  # device that is added to the list later moves no other.
  campaign = {
    product_id      = var.product_id
    firmware_id     = var.firmware_id
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

  # A handful of devices: not one may fail.
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
