terraform {
  required_providers {
    aep = {
      source  = "ctwing/aep"
      version = "~> 0.1.0"
    }
  }
}

variable "north" {
  type = object({
    endpoint    = string
    app_key     = string
    app_secret  = string
    master_keys = map(string)
  })
  sensitive = true
}

# The first account comes from the environment.
provider "aep" {}

# The second account has every value in its block, because an argument that is
# left out comes from the environment of the first.
provider "aep" {
  alias       = "north"
  endpoint    = var.north.endpoint
  app_key     = var.north.app_key
  app_secret  = var.north.app_secret
  master_keys = var.north.master_keys
}

data "aep_product" "meters" {
  provider = aep.north
  name     = "Water meters"
}
