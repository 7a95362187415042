package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// fuzzyText warns about a search of the platform.
const fuzzyText = "The search may also find other rows that contain the text."

// tasksInConsole says where the platform's console shows tasks.
const tasksInConsole = "The console shows upgrade tasks under 固件远程升级管理."

// subscribed says which service a page needs.
func subscribed(console, service string) string {
	return fmt.Sprintf("The application must have subscribed to the service %s (`%s`) under 应用管理.", console, service)
}

// soughtIDAttribute returns the schema of a number that an object may be looked up by.
func soughtIDAttribute(description string) schema.Attribute {
	return schema.Int64Attribute{
		Optional: true, Computed: true, Validators: []validator.Int64{int64validator.AtLeast(1)}, MarkdownDescription: description,
	}
}

// soughtTextAttribute returns the schema of a text that an object may be looked up by.
func soughtTextAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}, MarkdownDescription: description,
	}
}
